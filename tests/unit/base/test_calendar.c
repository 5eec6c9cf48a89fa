/* SPDX-License-Identifier: Apache-2.0 */
/* test_calendar.c - against a calendar that is counted day by day, the C library's, and
 * dates that are known. */
#include "base/calendar.h"
#include "check.h"

#include <string.h>
#include <time.h>

enum { DAY = 86400 };

static const lks_frequency hourly = {LKS_STEP_SECONDS, 3600}, daily = {LKS_STEP_SECONDS, DAY},
                           weekdays = {LKS_STEP_WEEKDAY, 1}, monthly = {LKS_STEP_MONTH, 1},
                           quarterly = {LKS_STEP_MONTH, 3}, numbered = {LKS_STEP_ROW, 1};

static int64_t at(int64_t year, int month, int day, int hour, int minute, int second) {
  lks_date date = {.year = year,
                   .month = month,
                   .day = day,
                   .hour = hour,
                   .minute = minute,
                   .second = second};
  return lks_calendar_time(&date);
}

static int64_t on(int64_t year, int month, int day) {
  return at(year, month, day, 0, 0, 0);
}

/* Months by the rhyme, leap years by the rule, weekdays by turns. */
static void dates_are_those_that_are_counted_day_by_day(void) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t day = on(-401, 1, 1) / DAY;
  int weekday = 4, wrong = 0; /* a Friday as in 1999, six times 400 years later */
  for (int64_t year = -401; year <= 2402; year++) {
    int year_day = 0;
    for (int month = 1; month <= 12; month++) {
      bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
      int days = lengths[month - 1] + (leap && month == 2);
      for (int d = 1; d <= days; d++, day++, year_day++, weekday = (weekday + 1) % 7) {
        lks_date date = lks_calendar_date(day * DAY + 86399);
        wrong += date.year != year || date.month != month || date.day != d ||
                 date.weekday != weekday || date.year_day != year_day || date.hour != 23 ||
                 date.minute != 59 || date.second != 59 ||
                 lks_calendar_time(&date) != day * DAY + 86399 || !lks_calendar_is_date(&date);
      }
      lks_date none = {.year = year, .month = month, .day = days + 1};
      wrong += lks_calendar_is_date(&none);
    }
  }
  CHECK_EQUAL(wrong, 0);
}

static void dates_are_those_of_the_c_library(void) {
  int wrong = 0;
  for (int64_t time = -70000000000; time < 250000000000; time += 1234567891) {
    time_t same = (time_t)time;
    struct tm facts;
    (void)gmtime_r(&same, &facts);
    lks_date date = lks_calendar_date(time);
    wrong += date.year != facts.tm_year + 1900 || date.month != facts.tm_mon + 1 ||
             date.day != facts.tm_mday || date.hour != facts.tm_hour ||
             date.minute != facts.tm_min || date.second != facts.tm_sec ||
             date.weekday != (facts.tm_wday + 6) % 7 || date.year_day != facts.tm_yday;
  }
  CHECK_EQUAL(wrong, 0);
}

static void known_dates_have_known_times(void) {
  CHECK_EQUAL(on(1970, 1, 1), 0);
  CHECK_EQUAL(at(2009, 2, 13, 23, 31, 30), 1234567890);
  CHECK_EQUAL(at(1969, 12, 31, 23, 59, 59), -1);
  CHECK_EQUAL(on(2000, 2, 29), 951782400);
  CHECK_EQUAL(on(1, 1, 1), -62135596800);
  CHECK_EQUAL(lks_calendar_date(-1).weekday, 2); /* a Wednesday */
  CHECK_EQUAL(lks_calendar_date(on(2026, 11, 23)).weekday, 0);
}

static void dates_that_are_not_possible_are_told(void) {
  static const lks_date wrong[] = {
      {.year = 2023, .month = 2, .day = 29}, {.year = 1900, .month = 2, .day = 29},
      {.year = 2023, .month = 0, .day = 1},  {.year = 2023, .month = 13, .day = 1},
      {.year = 2023, .month = 4, .day = 31}, {.year = 2023, .month = 1, .day = 0},
      {.year = 10000, .month = 1, .day = 1}, {.year = 2023, .month = 1, .day = 1, .hour = 24},
      {2023, 1, 1, 0, 60, 0, 0, 0},          {2023, 1, 1, 0, 0, 60, 0, 0},
      {2023, 1, 1, -1, 0, 0, 0, 0}};
  static const lks_date right[] = {{.year = 2024, .month = 2, .day = 29},
                                   {.year = 2000, .month = 2, .day = 29},
                                   {2023, 12, 31, 23, 59, 59, 0, 0}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    CHECK(!lks_calendar_is_date(&wrong[i]));
  for (size_t i = 0; i < sizeof right / sizeof *right; i++)
    CHECK(lks_calendar_is_date(&right[i]));
}

static void weekdays_pass_over_weekends(void) {
  int64_t start = at(1969, 12, 24, 17, 30, 0); /* a Wednesday, before time 0 */
  int64_t steps = 0;
  for (int64_t time = start; time < start + 1000 * DAY; time += DAY) {
    bool weekend = lks_calendar_date(time).weekday >= 5;
    CHECK_EQUAL(lks_calendar_steps(weekdays, start, time), weekend ? -1 : steps);
    if (weekend)
      continue;
    CHECK_EQUAL(lks_calendar_add(weekdays, start, steps), time);
    CHECK_EQUAL(lks_calendar_add(weekdays, time, -steps), start);
    steps++;
  }
  CHECK_EQUAL(lks_calendar_steps(weekdays, start, start + DAY + 1), -1);
  CHECK_EQUAL(lks_calendar_steps(weekdays, on(2026, 11, 22), on(2026, 11, 22)), -1);
}

static void months_keep_their_day_or_their_end(void) {
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 1, 31), 1), on(2023, 2, 28));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 1, 31), 13), on(2024, 2, 29));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 1, 31), 2), on(2023, 3, 31));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 1, 30), 1), on(2023, 2, 28));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 1, 30), 2), on(2023, 3, 30));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 4, 30), 1), on(2023, 5, 31));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 2, 28), 12), on(2024, 2, 29));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2024, 2, 28), 1), on(2024, 3, 28));
  CHECK_EQUAL(lks_calendar_add(monthly, on(2023, 1, 15), -13), on(2021, 12, 15));
  CHECK_EQUAL(lks_calendar_add(quarterly, on(2023, 6, 30), 2), on(2023, 12, 31));
  CHECK_EQUAL(lks_calendar_steps(quarterly, on(2020, 3, 31), on(2023, 6, 30)), 13);
  CHECK_EQUAL(lks_calendar_steps(quarterly, on(2020, 3, 31), on(2023, 5, 31)), -1);
  CHECK_EQUAL(lks_calendar_steps(monthly, on(2020, 3, 15), on(2020, 4, 16)), -1);
  CHECK_EQUAL(lks_calendar_steps(monthly, on(2020, 3, 15), on(2020, 2, 15)), -1);
}

/* Every grid: steps undo additions, far into the past and the future. */
static void steps_are_the_inverse_of_additions(void) {
  static const lks_frequency grids[] = {
      {LKS_STEP_ROW, 1},           {LKS_STEP_SECONDS, 1}, {LKS_STEP_SECONDS, 900},
      {LKS_STEP_SECONDS, 604800},  {LKS_STEP_WEEKDAY, 1}, {LKS_STEP_WEEKDAY, 5},
      {LKS_STEP_MONTH, 1},         {LKS_STEP_MONTH, 3},   {LKS_STEP_MONTH, 12},
      {LKS_STEP_SECONDS, 2 * DAY},
  };
  static const int64_t starts[] = {0, -3600, 951782400, -62135596800, 1234567890};
  for (size_t g = 0; g < sizeof grids / sizeof *grids; g++)
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
      int64_t last = starts[s] - 1;
      if (grids[g].unit == LKS_STEP_WEEKDAY && lks_calendar_date(starts[s]).weekday > 4)
        continue;
      for (int64_t steps = 0; steps < 1500; steps++) {
        int64_t time = lks_calendar_add(grids[g], starts[s], steps);
        CHECK(time > last);
        CHECK_EQUAL(lks_calendar_steps(grids[g], starts[s], time), steps);
        last = time;
      }
    }
  CHECK_EQUAL(lks_calendar_steps(hourly, 0, 3601), -1);
  CHECK_EQUAL(lks_calendar_steps(hourly, 3600, 0), -1);
}

static void frequencies_are_printed_and_read(void) {
  static const struct {
    lks_frequency frequency;
    const char *text;
    int season;
  } known[] = {{{LKS_STEP_SECONDS, 3600}, "1 hour", 24},
               {{LKS_STEP_SECONDS, 900}, "15 minutes", 96},
               {{LKS_STEP_SECONDS, 1800}, "30 minutes", 48},
               {{LKS_STEP_SECONDS, 60}, "1 minute", 1440},
               {{LKS_STEP_SECONDS, 1}, "1 second", 86400},
               {{LKS_STEP_SECONDS, 90}, "90 seconds", 960},
               {{LKS_STEP_SECONDS, 5000}, "5000 seconds", 1},
               {{LKS_STEP_SECONDS, DAY}, "1 day", 7},
               {{LKS_STEP_SECONDS, 2 * DAY}, "2 days", 1},
               {{LKS_STEP_SECONDS, 7 * DAY}, "1 week", 52},
               {{LKS_STEP_WEEKDAY, 1}, "1 weekday", 5},
               {{LKS_STEP_MONTH, 1}, "1 month", 12},
               {{LKS_STEP_MONTH, 3}, "3 months", 4},
               {{LKS_STEP_MONTH, 12}, "12 months", 1},
               {{LKS_STEP_ROW, 1}, "1 row", 1}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    char text[64];
    lks_frequency back = {LKS_STEP_ROW, 0};
    lks_frequency_print(known[i].frequency, text, sizeof text);
    CHECK_TEXT(text, known[i].text);
    CHECK(lks_frequency_parse(text, &back));
    CHECK_EQUAL(back.unit, known[i].frequency.unit);
    CHECK_EQUAL(back.count, known[i].frequency.count);
    CHECK_EQUAL(lks_calendar_season(known[i].frequency), known[i].season);
  }
}

static void other_texts_are_no_frequency(void) {
  static const char *const texts[] = {"",        "hour",     "0 hours",         "1",
                                      "1 ",      "-1 hours", "1 fort",          "1 hourss",
                                      "1  hour", "1 hour ",  "1000000000 rows", "1.5 hours"};
  lks_frequency frequency;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    CHECK(!lks_frequency_parse(texts[i], &frequency));
}

static void times_are_printed_as_their_step_needs(void) {
  char text[64];
  lks_calendar_print(hourly, at(2016, 7, 1, 13, 0, 0), text, sizeof text);
  CHECK_TEXT(text, "2016-07-01 13:00:00");
  lks_calendar_print(daily, on(2016, 7, 1), text, sizeof text);
  CHECK_TEXT(text, "2016-07-01");
  lks_calendar_print(weekdays, on(1899, 12, 29), text, sizeof text);
  CHECK_TEXT(text, "1899-12-29");
  lks_calendar_print(monthly, on(476, 9, 4), text, sizeof text);
  CHECK_TEXT(text, "0476-09-04");
  lks_calendar_print(numbered, 17, text, sizeof text);
  CHECK_TEXT(text, "17");
  char small[8];
  lks_calendar_print(hourly, at(2016, 7, 1, 13, 0, 0), small, sizeof small);
  CHECK_TEXT(small, "2016-07");
}

const lks_test calendar_tests[] = {TEST(dates_are_those_that_are_counted_day_by_day),
                                   TEST(dates_are_those_of_the_c_library),
                                   TEST(known_dates_have_known_times),
                                   TEST(dates_that_are_not_possible_are_told),
                                   TEST(weekdays_pass_over_weekends),
                                   TEST(months_keep_their_day_or_their_end),
                                   TEST(steps_are_the_inverse_of_additions),
                                   TEST(frequencies_are_printed_and_read),
                                   TEST(other_texts_are_no_frequency),
                                   TEST(times_are_printed_as_their_step_needs),
                                   TEST_END};
