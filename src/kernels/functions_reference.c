/* SPDX-License-Identifier: Apache-2.0 */
/* functions_reference.c - y = f(x), element by element. */
#include "kernels/functions_scalar.h"
#include "kernels/kernel_table.h"

void LKS_KERNEL(exp)(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = exp_scalar(x[i]);
}

void LKS_KERNEL(log)(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = log_scalar(x[i]);
}

void LKS_KERNEL(log1p)(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = log1p_scalar(x[i]);
}

void LKS_KERNEL(tanh)(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = tanh_scalar(x[i]);
}

void LKS_KERNEL(sigmoid)(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = sigmoid_scalar(x[i]);
}

void LKS_KERNEL(add)(size_t n, const float *a, const float *b, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}
