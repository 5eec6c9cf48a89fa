#include "predict/forecast_input.h"
#include "base/fail.h"
lks_status lks_forecast_input_read(const char*p,const lks_series_table*t,int64_t*n,lks_forecast_input_visit v,void*c){(void)p;(void)t;(void)n;(void)v;(void)c;return LKS_FAIL(LKS_USAGE,"no csv yet");}
