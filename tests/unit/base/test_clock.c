/* SPDX-License-Identifier: Apache-2.0 */
/* test_clock.c - time and how it is told. */
#include "base/clock.h"
#include "check.h"

#include <string.h>

static void time_moves_forward(void) {
  double before = lks_clock_seconds();
  lks_clock_sleep(0.01);
  double passed = lks_clock_seconds() - before;
  CHECK(passed >= 0.009 && passed < 10);
  lks_clock_sleep(-1);
  lks_clock_sleep(0);
}

static void a_stamp_has_the_form_of_iso_8601(void) {
  char text[21];
  lks_clock_stamp(text);
  CHECK_EQUAL(strlen(text), 20);
  CHECK(text[4] == '-' && text[10] == 'T' && text[16] == ':' && text[19] == 'Z');
  CHECK(strcmp(text, "2026-01-01T00:00:00Z") > 0);
}

static void durations_are_told_in_fitting_units(void) {
  const struct {
    double seconds;
    const char *text;
  } cases[] = {{-3, "0.0 s"},          {4.21, "4.2 s"},      {59.94, "59.9 s"},
               {59.97, "1 min 00 s"},  {185, "3 min 05 s"},  {3599.4, "59 min 59 s"},
               {3599.6, "1 h 00 min"}, {3720, "1 h 02 min"}, {360000, "100 h 00 min"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[32];
    lks_clock_describe(cases[i].seconds, text, sizeof text);
    CHECK_TEXT(text, cases[i].text);
  }
}

const lks_test clock_tests[] = {
    TEST(time_moves_forward),
    TEST(a_stamp_has_the_form_of_iso_8601),
    TEST(durations_are_told_in_fitting_units),
    TEST_END,
};
