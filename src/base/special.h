/* special.h - special functions in f64 for losses and scores, made of + - * / sqrt, fma
 * and the functions of arithmetic.h: the same bits on every machine.
 *
 * Relative errors are below the numbers beside the functions, absolute ones where a value
 * is near 0 inside its range; tests/unit/base/test_special.c holds them to that.  NaN gives
 * NaN, and nothing overflows that has a value. */
#ifndef LOCKSTEP_BASE_SPECIAL_H
#define LOCKSTEP_BASE_SPECIAL_H

double lks_log1p_f64(double x);   /* x > -1; 1e-14 */
double lks_expm1_f64(double x);   /* 1e-14 */
double lks_erf_f64(double x);     /* 1e-14 */
double lks_erfc_f64(double x);    /* 1e-12 */
double lks_lgamma_f64(double x);  /* log of gamma(x), x > 0; 1e-13, absolute for 0.5 .. 3 */
double lks_digamma_f64(double x); /* its derivative, x > 0; 1e-13, absolute near 1.46 */

/* log(gamma(a) gamma(b) / gamma(a + b)), a and b > 0; 1e-13, absolute below 1. */
double lks_log_beta_f64(double a, double b);

/* log(1 + exp(x)), and its derivative 1 / (1 + exp(-x)); 1e-14. */
double lks_softplus_f64(double x);
double lks_sigmoid_f64(double x);

/* Both at once, the derivative in *slope: the same bits, for one exp less. */
double lks_softplus_slope_f64(double x, double *slope);

/* Regularised incomplete beta function I_x(a, b), a and b > 0, 0 <= x <= 1; 1e-12 up to
 * a, b of 1e4, beyond absolute. */
double lks_beta_share_f64(double a, double b, double x);

/* Distribution functions, 1e-12 and 1e-10 (Student's, absolute 1e-12), and their inverses,
 * 0 < p < 1, 1e-9 of what is left of p or 1 - p. */
double lks_normal_cdf_f64(double x);
double lks_normal_quantile_f64(double p);
double lks_student_cdf_f64(double x, double freedom);
double lks_student_quantile_f64(double p, double freedom);

#endif
