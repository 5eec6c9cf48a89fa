/* arithmetic.h - checked sizes, and f64 functions that give the same bits on
 * every machine (libm promises none).  They use + - * / sqrt and explicit fma. */
#ifndef LOCKSTEP_BASE_ARITHMETIC_H
#define LOCKSTEP_BASE_ARITHMETIC_H

#include <stdbool.h>
#include <stddef.h>

/* *result = a x b, or a + b; false on overflow. */
bool lks_size_multiply(size_t a, size_t b, size_t *result);
bool lks_size_add(size_t a, size_t b, size_t *result);

/* Smallest multiple of `grain` that is at least `count`. */
size_t lks_round_up(size_t count, size_t grain);

/* Largest power of two that is at most n; n >= 1.  Whether n is one.  Its logarithm. */
int lks_power_of_two_below(int n);
bool lks_is_power_of_two(int n);
int lks_log2(int n);

/* Errors are below 2 ulp over the ranges that schedules and scores use;
 * tests/unit/base holds them to that. */
double lks_exp_f64(double x);
double lks_log_f64(double x);
double lks_pow_f64(double x, double y); /* x > 0 */
double lks_cos_f64(double x);           /* |x| <= 1e5 */
double lks_sin_f64(double x);           /* |x| <= 1e5 */
double lks_sqrt_f64(double x);

#endif
