/* SPDX-License-Identifier: Apache-2.0 */
/* test_time_text.c - times in every format; seconds are those that date(1) prints. */
#include "check.h"
#include "text/time_text.h"

enum {
  YMD = 1 << LKS_TIME_YMD,
  DMY = 1 << LKS_TIME_DMY,
  MDY = 1 << LKS_TIME_MDY,
  EPOCH = 1 << LKS_TIME_EPOCH,
  NUMBER = 1 << LKS_TIME_NUMBER
};

/* date -u -d '2016-07-01 13:00' +%s, and so on */
static const int64_t july = 1467331200, one_pm = 13 * 3600;

static void check_time(const char *text, lks_time_format format, int64_t expected) {
  int64_t time = -1;
  CHECK(lks_time_read(text, format, &time));
  CHECK_EQUAL(time, expected);
}

static void the_year_may_come_first(void) {
  check_time("2016-07-01", LKS_TIME_YMD, july);
  check_time("2016/7/1", LKS_TIME_YMD, july);
  check_time("2016.07.01", LKS_TIME_YMD, july);
  check_time("20160701", LKS_TIME_YMD, july);
  check_time("2016-07", LKS_TIME_YMD, july);
  check_time("2016", LKS_TIME_YMD, 1451606400);
  check_time("1949-01-01", LKS_TIME_YMD, -662688000);
}

static void the_time_of_day_may_follow(void) {
  check_time("2016-07-01 13:00", LKS_TIME_YMD, july + one_pm);
  check_time("2016-07-01T13:00:05", LKS_TIME_YMD, july + one_pm + 5);
  check_time("2016-07-01T13:00:05.000", LKS_TIME_YMD, july + one_pm + 5);
  check_time("2016-07-01  1:00 PM", LKS_TIME_YMD, july + one_pm);
  check_time("2016-07-01 12:30 am", LKS_TIME_YMD, july + 1800);
  check_time("2016-07-01 12:00:00PM", LKS_TIME_YMD, july + 43200);
  check_time("20160701T130005", LKS_TIME_YMD, july + one_pm + 5);
  check_time("2016-07-01T13:00Z", LKS_TIME_YMD, july + one_pm);
  check_time("01.07.2016 13:00", LKS_TIME_DMY, july + one_pm);
  check_time("07/01/2016 1:00 PM", LKS_TIME_MDY, july + one_pm);
}

/* A day that begins at its local midnight is that day, wherever it is. */
static void the_clock_is_not_moved_by_an_offset(void) {
  static const struct {
    const char *text;
    lks_time_format format;
    int64_t time;
    int offset;
  } cases[] = {
      {"2016-07-01T00:00:00+02:00", LKS_TIME_YMD, july, 7200},
      {"2016-07-01 13:00:00-0430", LKS_TIME_YMD, july + one_pm, -16200},
      {"2016-07-01+02", LKS_TIME_YMD, july, 7200},
      {"01.07.2016 13:00+02:00", LKS_TIME_DMY, july + one_pm, 7200},
      {"2016-07-01T13:00Z", LKS_TIME_YMD, july + one_pm, 0},
      {"2016-07-01T13:00", LKS_TIME_YMD, july + one_pm, 0},
      {"17", LKS_TIME_NUMBER, 17, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t time = -1;
    int offset = -1;
    CHECK(lks_time_read_offset(cases[i].text, cases[i].format, &time, &offset));
    CHECK_EQUAL(time, cases[i].time);
    CHECK_EQUAL(offset, cases[i].offset);
    check_time(cases[i].text, cases[i].format, cases[i].time);
  }
}

static void the_year_may_come_last(void) {
  check_time("01.07.2016", LKS_TIME_DMY, july);
  check_time("1/7/2016", LKS_TIME_DMY, july);
  check_time("01-07-2016", LKS_TIME_DMY, july);
  check_time("07/01/2016", LKS_TIME_MDY, july);
  check_time("7-1-2016", LKS_TIME_MDY, july);
}

static void numbers_may_be_times(void) {
  check_time("1467331200", LKS_TIME_EPOCH, july);
  check_time("1467331200.0", LKS_TIME_EPOCH, july);
  check_time("17", LKS_TIME_NUMBER, 17);
  check_time("-3", LKS_TIME_NUMBER, -3);
}

static void what_is_no_time_is_none(void) {
  static const struct {
    const char *text;
    lks_time_format format;
  } cases[] = {
      {"", LKS_TIME_YMD},
      {"2016-13-01", LKS_TIME_YMD},
      {"2016-02-30", LKS_TIME_YMD},
      {"2015-02-29", LKS_TIME_YMD},
      {"16-07-01", LKS_TIME_YMD},
      {"2016-07-01 24:00", LKS_TIME_YMD},
      {"2016-07-01 13", LKS_TIME_YMD},
      {"2016-07-01 13:0", LKS_TIME_YMD},
      {"2016-07-01 13:00 PM", LKS_TIME_YMD},
      {"2016-07-01 13:00:00.5", LKS_TIME_YMD}, /* whole seconds only */
      {"2016-07-01x", LKS_TIME_YMD},
      {"2016-07/01", LKS_TIME_YMD},
      {"2016-07-01T13:00+2", LKS_TIME_YMD},
      {"01.07.16", LKS_TIME_DMY}, /* of which century? */
      {"13/13/2016", LKS_TIME_DMY},
      {"13/01/2016", LKS_TIME_MDY},
      {"07.01.2016", LKS_TIME_MDY},
      {"1.5", LKS_TIME_NUMBER},
      {"x", LKS_TIME_EPOCH},
      {"1467331200000", LKS_TIME_EPOCH}, /* milliseconds */
  };
  int64_t time;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK(!lks_time_read(cases[i].text, cases[i].format, &time));
}

static void formats_are_told_apart_where_they_can_be(void) {
  static const struct {
    const char *text;
    unsigned set;
    bool is_date;
  } cases[] = {
      {"2016-07-01", YMD, true},
      {"2016/07/01 13:00", YMD, true},
      {"01.07.2016", DMY, true},
      {"01/07/2016", DMY | MDY, true},
      {"13/07/2016", DMY, true},
      {"07/13/2016", MDY, true},
      {"20160701", YMD | NUMBER, false},
      {"2016", YMD | NUMBER, false},
      {"1467331200", EPOCH | NUMBER, false},
      {"1467331200000", 0, false},
      {"17", NUMBER, false},
      {"1.5", 0, false},
      {"-5", NUMBER, false},
      {"abc", 0, false},
      {"", 0, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    CHECK_EQUAL(lks_time_formats_of(cases[i].text), cases[i].set);
    CHECK_EQUAL(lks_time_is_date(cases[i].text), cases[i].is_date);
  }
}

static void of_several_formats_the_one_that_people_mean_is_chosen(void) {
  lks_time_format format;
  CHECK(lks_time_format_choose(YMD | NUMBER, &format));
  CHECK_EQUAL(format, LKS_TIME_YMD);
  CHECK(lks_time_format_choose(EPOCH | NUMBER, &format));
  CHECK_EQUAL(format, LKS_TIME_EPOCH);
  CHECK(lks_time_format_choose(NUMBER, &format));
  CHECK_EQUAL(format, LKS_TIME_NUMBER);
  CHECK(lks_time_format_choose(MDY, &format));
  CHECK_EQUAL(format, LKS_TIME_MDY);
  CHECK(!lks_time_format_choose(DMY | MDY, &format));
}

static void formats_have_names(void) {
  lks_time_format format;
  CHECK_OK(lks_time_format_find("dmy", &format));
  CHECK_EQUAL(format, LKS_TIME_DMY);
  CHECK_FAILS(lks_time_format_find("dym", &format), LKS_USAGE,
              "unknown time format 'dym'; did you mean 'dmy'? known: ymd, dmy, mdy, epoch");
}

const lks_test time_text_tests[] = {TEST(the_year_may_come_first),
                                    TEST(the_time_of_day_may_follow),
                                    TEST(the_clock_is_not_moved_by_an_offset),
                                    TEST(the_year_may_come_last),
                                    TEST(numbers_may_be_times),
                                    TEST(what_is_no_time_is_none),
                                    TEST(formats_are_told_apart_where_they_can_be),
                                    TEST(of_several_formats_the_one_that_people_mean_is_chosen),
                                    TEST(formats_have_names),
                                    TEST_END};
