/* special.h - special functions in f64 for losses and scores, made of + - * / sqrt, fma
 * and the functions of arithmetic.h: the same bits on every machine.
 *
 * Errors are held by tests/unit/base/test_special.c, relative unless said. */
#ifndef LOCKSTEP_BASE_SPECIAL_H
#define LOCKSTEP_BASE_SPECIAL_H

double lks_log1p_f64(double x);   /* x > -1; 1e-14 */
double lks_expm1_f64(double x);   /* 1e-14 */
double lks_erf_f64(double x);     /* 1e-14 */
double lks_erfc_f64(double x);    /* 1e-12 */
double lks_lgamma_f64(double x);  /* log of gamma(x), x > 0; 1e-13, absolute near 1 and 2 */
double lks_digamma_f64(double x); /* its derivative, x > 0; 1e-13, absolute near 1.46 */

/* log(1 + exp(x)), and its derivative 1 / (1 + exp(-x)); 1e-14. */
double lks_softplus_f64(double x);
double lks_sigmoid_f64(double x);

/* Regularised incomplete beta function I_x(a, b), a and b > 0, 0 <= x <= 1; 1e-12. */
double lks_beta_share_f64(double a, double b, double x);

/* Distribution functions and their inverses, 0 < p < 1; absolute errors 1e-12 of the
 * former, relative ones 1e-9 of the latter. */
double lks_normal_cdf_f64(double x);
double lks_normal_quantile_f64(double p);
double lks_student_cdf_f64(double x, double freedom);
double lks_student_quantile_f64(double p, double freedom);

#endif
