/* SPDX-License-Identifier: Apache-2.0 */
/* test_distributions.c - densities against PyTorch, scores against their integrals and
 * sums, quantiles against distribution functions.
 *
 * Numbers: torch 1.13 in f64 with sp = torch.nn.functional.softplus, for example
 *   -Normal(m, sp(r) + 1e-4).log_prob(z)
 *   -StudentT(2 + sp(n), m, sp(r) + 1e-4).log_prob(z)
 *   u = level * sp(m) + 1e-8; a = sp(r) + 1e-4
 *   -NegativeBinomial(1 / a, probs=a * u / (1 + a * u)).log_prob(z) */
#include "raw_values.h"

#include "base/special.h"
#include "check.h"

#include <math.h>

enum { SIMPSON_PARTS = 4000, COUNTS_MAX = 3000000 };

static const double TORCH = 1e-9;    /* relative: torch subtracts large lgammas */
static const double INTEGRAL = 1e-8; /* relative: Simpson's rule */
static const double SUM = 1e-9;      /* of up to 2 million terms, relative */
static const double INVERSE = 1e-9;  /* of a probability */

typedef struct {
  float raw[3];
  double z, level, nll;
} known;

static void check_nll(const char *name, const known *values, int count) {
  lks_forecast_head head = lks_head_of(name);
  for (int i = 0; i < count; i++) {
    const known *k = &values[i];
    double bound = TORCH * fmax(1, fabs(k->nll));
    CHECK_CLOSE(head.loss->nll(&head, k->raw, k->z, k->level), k->nll, bound);
    CHECK_CLOSE(head.loss->loss(&head, k->raw, k->z, k->level, NULL), k->nll, bound);
  }
}

static void gaussian_nll_is_torchs(void) {
  static const known values[] = {{{0.5F, -1.25F}, 0.75, 1, 0.032709165387296402},
                                 {{-2, 3}, 40, 1, 96.928535393813959},
                                 {{1, -30}, 1.001, 1, 41.708598068577011},
                                 {{100, 30}, -1e4, 1, 56676.164548544315},
                                 {{0, 0}, 0, 1, 0.55256987172125305}};
  check_nll("gaussian", values, 5);
}

static void student_nll_is_torchs(void) {
  static const known values[] = {{{0.5F, -1.25F, 0.5F}, 0.75, 1, 0.19129600098637761},
                                 {{-2, 3, -30}, 1e4, 1, 25.402199091765389},
                                 {{1, -30, 4}, 1.5, 1, 45.226876315609871},
                                 {{100, 30, 30}, -1e4, 1, 139.17793542103038},
                                 {{0, 0, 0}, 0, 1, 0.64352750637676992}};
  check_nll("student-t", values, 5);
}

static void negative_binomial_nll_is_torchs(void) {
  static const known values[] = {{{0.5F, -1.25F}, 3, 1, 2.7672874064894195},
                                 {{2, 1}, 0, 10, 2.5621474345179669},
                                 {{-3, -30}, 1, 2.5, 2.2295810214144254},
                                 {{30, -2}, 1e4, 100, 17.982383717678225},
                                 {{1, 30}, 250, 0.5, 21.200723974655212}};
  check_nll("negative-binomial", values, 5);
}

/* A standard distribution function; a Gaussian's is libm's. */
static double cdf_of(double freedom, double x) {
  return freedom > 0 ? lks_student_cdf_f64(x, freedom) : 0.5 * erfc(-x / sqrt(2));
}

/* The integral of (F(x) - above)^2 over x = sinh t, t from `low` to `high`. */
static double integral(double freedom, double low, double high, double above) {
  double sum = 0, width = (high - low) / SIMPSON_PARTS;
  for (int i = 0; i <= SIMPSON_PARTS; i++) {
    double t = low + width * i, rest = cdf_of(freedom, sinh(t)) - above;
    double weight = i == 0 || i == SIMPSON_PARTS ? 1 : i % 2 ? 4 : 2;
    sum += weight * rest * rest * cosh(t);
  }
  return sum * width / 3;
}

/* The standard score at e: what is beyond sinh 14 = 6e5 is below 1e-17 when F's tail
 * falls like x^-2 or faster. */
static double score(double freedom, double e) {
  double at = asinh(e);
  return integral(freedom, fmin(at, 0) - 14, at, 0) +
         integral(freedom, at, fmax(at, 0) + 14, 1);
}

static void gaussian_crps_is_its_integral(void) {
  lks_forecast_head head = lks_head_of("gaussian");
  static const float scales[] = {-30, -2, 1, 30};
  for (int s = 0; s < 4; s++) {
    for (int t = 0; t < LKS_TARGETS; t++) {
      float raw[2] = {0.25F, scales[s]};
      double z = lks_target_at(&head, t), deviation = log1p(exp((double)raw[1])) + 1e-4;
      double expected = deviation * score(0, (z - 0.25) / deviation);
      CHECK_CLOSE(head.loss->crps(&head, raw, z, 1), expected, INTEGRAL * expected);
      CHECK_CLOSE(lks_gaussian_crps(0.25, deviation, z), expected, INTEGRAL * expected);
    }
  }
}

static void student_crps_is_its_integral(void) {
  lks_forecast_head head = lks_head_of("student-t");
  static const float scales[] = {-30, 1, 30}, freedoms[] = {-30, 0.5F, 30};
  for (int s = 0; s < 9; s++) {
    for (int t = 0; t < LKS_TARGETS; t++) {
      float raw[3] = {0.25F, scales[s % 3], freedoms[s / 3]};
      double z = lks_target_at(&head, t), scale = log1p(exp((double)raw[1])) + 1e-4;
      double freedom = 2 + log1p(exp((double)raw[2]));
      double expected = scale * score(freedom, (z - 0.25) / scale);
      CHECK_CLOSE(head.loss->crps(&head, raw, z, 1), expected, INTEGRAL * expected);
    }
  }
}

/* Chances of counts from the definition, in long double. */
typedef struct {
  long double r, odds; /* r = 1 / a; odds = a u */
  long double chance;  /* of count k */
  long double share;   /* of 0 .. k */
  int k;
} counting;

static counting start_of(const float *raw, double level) {
  long double u = (long double)level * log1pl(expl((long double)raw[0])) + 1e-8L;
  long double a = log1pl(expl((long double)raw[1])) + 1e-4L;
  counting c = {.r = 1 / a, .odds = a * u};
  c.chance = c.share = expl(-c.r * log1pl(c.odds));
  return c;
}

static void step(counting *c) {
  c->chance *= ((long double)c->k + c->r) / (c->k + 1) * (c->odds / (1 + c->odds));
  c->share += c->chance;
  c->k++;
}

/* Raw outputs whose counts can be listed, u up to 2e4. */
static const known countable[] = {
    {{0.5F, -1.25F}, 0, 1, 0}, {{2, 1}, 0, 10, 0},   {{-3, -30}, 0, 2.5, 0},
    {{30, -2}, 0, 100, 0},     {{1, 30}, 0, 0.5, 0}, {{-30, 0}, 0, 1, 0},
    {{2, -30}, 0, 50, 0},      {{-30, 30}, 0, 1, 0}, {{20, -9}, 0, 1000, 0}};
enum { COUNTABLE = sizeof countable / sizeof countable[0] };

static void negative_binomial_crps_is_its_sum(void) {
  lks_forecast_head head = lks_head_of("negative-binomial");
  for (int i = 0; i < COUNTABLE; i++) {
    const float *raw = countable[i].raw;
    for (int t = 0; t < LKS_TARGETS; t++) {
      double z = lks_target_at(&head, t);
      counting c = start_of(raw, countable[i].level);
      long double sum = 0;
      for (; c.k < COUNTS_MAX && (c.k < (int)z || 1 - c.share > 1e-11L); step(&c)) {
        long double rest = c.share - (c.k >= (int)z ? 1 : 0);
        sum += rest * rest;
      }
      CHECK(c.k < COUNTS_MAX);
      CHECK_CLOSE(head.loss->crps(&head, raw, z, countable[i].level), sum,
                  SUM * fmax(1e-3, (double)sum));
    }
  }
}

static const double chances[] = {1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.975, 0.999999};
enum { CHANCES = sizeof chances / sizeof chances[0] };

static void negative_binomial_quantile_is_the_first_count_that_reaches_p(void) {
  lks_forecast_head head = lks_head_of("negative-binomial");
  for (int i = 0; i < COUNTABLE; i++) {
    const float *raw = countable[i].raw;
    for (int j = 0; j < CHANCES; j++) {
      counting c = start_of(raw, countable[i].level);
      while (c.share < (long double)chances[j] && c.k < COUNTS_MAX)
        step(&c);
      double found = head.loss->quantile(&head, raw, countable[i].level, chances[j]);
      CHECK_EQUAL(found, c.k);
    }
  }
}

/* Counts of many digits take no longer than small ones. */
static void negative_binomial_knows_large_counts(void) {
  lks_forecast_head head = lks_head_of("negative-binomial");
  float raw[2] = {30, 30};
  double level = 1e6, u = head.loss->point(&head, raw, level);
  double a = 30, median = head.loss->quantile(&head, raw, level, 0.5);
  CHECK_CLOSE(u, 3e7, 1);
  /* For large u, u x gamma distributed with shape 1 / a and mean 1: F is near
   * (x / a)^(1/a) / gamma(1 + 1/a) for small x. */
  double x = a * pow(0.5 * tgamma(1 + 1 / a), a);
  CHECK_CLOSE(median / u, x, 0.01 * x + 1 / u);
  CHECK(isfinite(head.loss->crps(&head, raw, 1e4, level)));
}

static void quantile_is_the_inverse_of_the_distribution_function(void) {
  lks_forecast_head gaussian = lks_head_of("gaussian"), student = lks_head_of("student-t");
  for (int i = 0; i < LKS_RAWS * LKS_RAWS; i++) {
    float raw[3] = {1.5F, lks_raw_at(i % LKS_RAWS), lks_raw_at(i / LKS_RAWS)};
    double scale = log1p(exp((double)raw[1])) + 1e-4, n = 2 + log1p(exp((double)raw[2]));
    for (int j = 0; j < CHANCES; j++) {
      double p = chances[j], x = gaussian.loss->quantile(&gaussian, raw, 1, p);
      CHECK_CLOSE(cdf_of(0, (x - 1.5) / scale), p, INVERSE);
      CHECK_CLOSE(lks_gaussian_quantile(1.5, scale, p), x, INVERSE * scale);
      x = student.loss->quantile(&student, raw, 1, p);
      CHECK_CLOSE(cdf_of(n, (x - 1.5) / scale), p, INVERSE);
    }
  }
}

static void point_is_the_mean(void) {
  lks_forecast_head gaussian = lks_head_of("gaussian"), student = lks_head_of("student-t"),
                    counts = lks_head_of("negative-binomial");
  float raw[3] = {1.5F, -2, 0.5F};
  CHECK(gaussian.loss->point(&gaussian, raw, 1) == 1.5);
  CHECK(student.loss->point(&student, raw, 1) == 1.5);
  counting c = start_of(raw, 20);
  long double mean = 0;
  for (; 1 - c.share > 1e-15L && c.k < COUNTS_MAX; step(&c))
    mean += c.k * c.chance;
  CHECK_CLOSE(counts.loss->point(&counts, raw, 20), mean, SUM * (double)mean);
}

const lks_test distributions_tests[] = {
    TEST(gaussian_nll_is_torchs),
    TEST(student_nll_is_torchs),
    TEST(negative_binomial_nll_is_torchs),
    TEST(gaussian_crps_is_its_integral),
    TEST(student_crps_is_its_integral),
    TEST(negative_binomial_crps_is_its_sum),
    TEST(negative_binomial_quantile_is_the_first_count_that_reaches_p),
    TEST(negative_binomial_knows_large_counts),
    TEST(quantile_is_the_inverse_of_the_distribution_function),
    TEST(point_is_the_mean),
    TEST_END,
};
