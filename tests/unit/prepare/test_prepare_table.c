/* SPDX-License-Identifier: Apache-2.0 */
/* test_prepare_table.c - small tables, read back row by row. */
#include "base/memory.h"
#include "check.h"
#include "io/sealed_file.h"
#include "table_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lks_table_fixture f;

/* The splits of series `s` have these rows, and its first row this time. */
static void check_splits(int64_t s, int64_t train, int64_t valid, int64_t test,
                         const char *start) {
  char text[64];
  if (f.table == NULL)
    return;
  const lks_series *series = &f.table->series[s];
  CHECK_EQUAL(series->rows[LKS_SPLIT_TRAIN], train);
  CHECK_EQUAL(series->rows[LKS_SPLIT_VALID], valid);
  CHECK_EQUAL(series->rows[LKS_SPLIT_TEST], test);
  lks_calendar_print(f.table->frequency, series->start, text, sizeof text);
  CHECK_TEXT(text, start);
}

static void check_column(int64_t s, int c, const char *name, const char *values) {
  lks_text text = {0};
  if (f.table == NULL)
    return;
  CHECK_TEXT(f.table->column[c].name, name);
  lks_test_table_describe(&f, s, c, &text);
  CHECK_TEXT(text.data, values);
  lks_text_release(&text);
}

static void check_frequency(const char *expected, int season) {
  char text[64];
  if (f.table == NULL)
    return;
  lks_frequency_print(f.table->frequency, text, sizeof text);
  CHECK_TEXT(text, expected);
  CHECK_EQUAL(f.table->season, season);
}

/* ---- five odd files ---- */

static void semicolons_and_decimal_commas_are_read(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.decimal_comma = true;
  lks_test_table_prepare(&f,
                         "Zeit;Last, MW;\"Wind; See\"\n"
                         "01.07.2016 00:00;1,5;-2\n01.07.2016 00:15;2,25;1e1\n"
                         "01.07.2016 00:30;;3,0\n01.07.2016 00:45;4,5;4\n"
                         "01.07.2016 01:00;5,5;?\n",
                         &setup);
  CHECK_TEXT(f.table->time_name, "Zeit");
  check_frequency("15 minutes", 96);
  check_splits(0, 3, 1, 1, "2016-07-01 00:00:00");
  check_column(0, 0, "Last, MW", "1.5 2.25 nan 4.5 5.5");
  check_column(0, 1, "Wind; See", "-2 10 3 4 nan");
  CHECK(f.table->column[0].has_missing && f.table->column[1].has_missing);
  lks_table_fixture_destroy(&f);
}

static void three_formats_of_dates_give_the_same_dataset(void) {
  static const char *const formats[] = {
      "date,a\n2016-07-12,1\n2016-07-13,2\n2016-07-14,4\n2016-07-15,3\n",
      "date,a\n12.07.2016,1\n13.07.2016,2\n14.07.2016,4\n15.07.2016,3\n",
      "date,a\n07/12/2016,1\n07/13/2016,2\n07/14/2016,4\n07/15/2016,3\n",
      "date,a\n12/07/2016,1\n13/07/2016,2\n14/07/2016,4\n15/07/2016,3\n",
      "date,a\n20160712,1\n20160713,2\n20160714,4\n20160715,3\n",
      "date,a\n1468281600,1\n1468368000,2\n1468454400,4\n1468540800,3\n",
      "date,a\n2016-07-12T00:00:00Z,1\n2016/7/13,2\n20160714,4\n2016-07-15 00:00,3\n",
  };
  lks_digest first = {0};
  lks_table_fixture_create(&f);
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    lks_prepare_table setup = lks_test_table_setup(&f);
    lks_test_table_prepare(&f, formats[i], &setup);
    check_frequency("1 day", 7);
    check_splits(0, 2, 1, 1, "2016-07-12");
    check_column(0, 0, "a", "1 2 4 3");
    if (f.dataset != NULL && i == 0)
      first = *lks_dataset_digest(f.dataset);
    else if (f.dataset != NULL)
      CHECK_EQUAL(lks_digest_compare(lks_dataset_digest(f.dataset), &first), 0);
  }
  lks_table_fixture_destroy(&f);
}

static void days_and_months_are_told_apart_by_a_later_row(void) {
  lks_text csv = {0};
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  CHECK_OK(lks_text_print(&csv, "date,a\n"));
  for (int hour = 0; hour < 12 * 24 + 1; hour++) /* 13/01 is the first that tells */
    CHECK_OK(lks_text_print(&csv, "%02d/01/2016 %02d:00,%d\n", hour / 24 + 1, hour % 24, hour));
  lks_test_table_prepare(&f, csv.data, &setup);
  check_frequency("1 hour", 24);
  check_splits(0, 202, 29, 58, "2016-01-01 00:00:00");
  csv.data[csv.bytes - strlen("13/01/2016 00:00,288\n")] = '\0'; /* without that row */
  lks_test_table_refuse(&f, csv.data, &setup, LKS_DATA,
                        "in.csv:2: column 'date': the times from here to line 289 can be read "
                        "with the day first as well as with the month first\n"
                        "  hint: --time-format dmy or --time-format mdy says which");
  setup.time_format = "dmy";
  lks_test_table_prepare(&f, csv.data, &setup);
  check_splits(0, 201, 29, 58, "2016-01-01 00:00:00");
  lks_text_release(&csv);
  lks_table_fixture_destroy(&f);
}

static void how_the_file_is_written_is_kept(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.decimal_comma = setup.no_header = true;
  setup.separator = "tab";
  setup.missing = "n.a.,-999";
  lks_test_table_prepare(&f, "1/7/2016\t1,5\n2/7/2016\tn.a.\n3/7/2016\t2,5\n13/7/2016\t9\n",
                         &setup);
  if (f.table != NULL) {
    const lks_dialect *dialect = &f.table->dialect;
    CHECK(dialect->is_known && !dialect->has_header);
    CHECK_EQUAL(dialect->separator, '\t');
    CHECK_EQUAL(dialect->point, ',');
    CHECK_TEXT(dialect->missing, "n.a.,-999");
    CHECK_EQUAL(dialect->time_format, LKS_TIME_DMY);
  }
  setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f, "date;a\n2016-07-01;1\n2016-07-02;3\n2016-07-03;2\n2016-07-04;5\n",
                         &setup);
  if (f.table != NULL) {
    const lks_dialect *dialect = &f.table->dialect;
    CHECK(dialect->is_known && dialect->has_header);
    CHECK_EQUAL(dialect->separator, '\0'); /* found, here and in other files */
    CHECK_EQUAL(dialect->point, '.');
    CHECK_TEXT(dialect->missing, "NA,NaN,nan,null,?,-");
    CHECK_EQUAL(dialect->time_format, LKS_TIME_YMD);
  }
  lks_table_fixture_destroy(&f);
}

static void gaps_become_missing_values(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.calendar = "hour";
  lks_test_table_prepare(&f,
                         "time,a,b\n2016-07-01 00:00,1,3\n2016-07-01 06:00,2,5\n"
                         "2016-07-02 00:00,5,NA\n2016-07-02 06:00,null,8\n"
                         "2016-07-02 12:00,7,9\n",
                         &setup);
  check_frequency("6 hours", 4);
  check_splits(0, 4, 1, 2, "2016-07-01 00:00:00");
  check_column(0, 0, "a", "1 2 nan nan 5 nan 7");
  check_column(0, 1, "b", "3 5 nan nan nan 8 9");
  check_column(0, 2, "hour_sin", "0 1 0 -1 0 1 0"); /* also where rows are missing */
  check_column(0, 3, "hour_cos", "1 0 -1 0 1 0 -1");
  CHECK(!f.table->column[2].has_missing);
  lks_table_fixture_destroy(&f);
}

static void a_mark_and_windows_line_ends_are_no_part_of_the_table(void) {
  static const char plain[] = "date,a\n2016-07-01,1\n2016-07-02,3\n2016-07-03,2\n";
  static const char windows[] = "\xef\xbb\xbf"
                                "\"date\",\"a\"\r\n\"2016-07-01\",\"1\"\r\n\r\n"
                                "2016-07-02 , 3\r\n2016-07-03,2";
  lks_digest first = {0};
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.train_rows = 2;
  setup.test_rows = 1;
  lks_test_table_prepare(&f, plain, &setup);
  if (f.dataset != NULL)
    first = *lks_dataset_digest(f.dataset);
  lks_test_table_prepare(&f, windows, &setup);
  check_column(0, 0, "a", "1 3 2");
  if (f.dataset != NULL)
    CHECK_EQUAL(lks_digest_compare(lks_dataset_digest(f.dataset), &first), 0);
  lks_table_fixture_destroy(&f);
}

/* ---- columns ---- */

static void a_table_without_header_has_numbers_for_names(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.known = "3";
  lks_test_table_prepare(&f, "1.5,2,3\n2.5,5,4\n4.5,,9\n3,8,1\n", &setup);
  check_frequency("1 row", 1);
  check_splits(0, 2, 1, 1, "0");
  CHECK_TEXT(f.table->time_name, "");
  CHECK_EQUAL(f.table->count_of[LKS_ROLE_TARGET], 2);
  CHECK_EQUAL(f.table->column[2].role, LKS_ROLE_KNOWN);
  check_column(0, 0, "1", "1.5 2.5 4.5 3");
  check_column(0, 2, "3", "3 4 9 1");
  setup.known = NULL; /* the words of a first line are no header when one says so */
  setup.no_header = true;
  setup.missing = "a,b,-200";
  setup.keep_constant = true;
  lks_test_table_prepare(&f, "a,b\n1,2\n2,-200\n4,5\n3,3\n", &setup);
  check_column(0, 0, "1", "nan 1 2 4 3");
  check_column(0, 1, "2", "nan 2 nan 5 3");
  lks_table_fixture_destroy(&f);
}

static void the_time_column_is_found_or_named(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f, ",a\n2016-07-01,1\n2016-07-02,2\n2016-07-03,5\n2016-07-04,3\n",
                         &setup); /* no name, but dates */
  CHECK_TEXT(f.table->time_name, "1");
  lks_test_table_prepare(&f, "a,Timestamp\n1,2001\n2,2002\n5,2003\n4,2004\n", &setup);
  CHECK_TEXT(f.table->time_name, "Timestamp");
  check_frequency("12 months", 1);
  setup.time = "t";
  lks_test_table_prepare(&f, "a,t,date\n1,10,5\n2,20,6\n5,40,9\n4,50,1\n", &setup);
  CHECK_TEXT(f.table->time_name, "t");
  check_frequency("10 rows", 1);
  check_splits(0, 3, 1, 1, "10");
  check_column(0, 0, "a", "1 2 nan 5 4");
  setup.time = NULL;
  setup.no_time = true;
  lks_test_table_prepare(&f, "a,date\n1,1\n2,2\n5,4\n4,9\n", &setup);
  CHECK_TEXT(f.table->time_name, "");
  CHECK_EQUAL(f.table->columns, 2);
  lks_table_fixture_destroy(&f);
}

static void columns_have_the_order_and_role_of_the_lists(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.target = "c,a";
  setup.past = "e";
  setup.known = "d";
  setup.ignore = "word";
  lks_test_table_prepare(&f,
                         "date,a,b,c,d,e,word\n2016-07-01,1,x,10,0,6,w\n"
                         "2016-07-02,2,y,20,1,5,w\n2016-07-03,4,z,50,1,3,w\n"
                         "2016-07-04,3,,40,0,4,w\n",
                         &setup);
  CHECK_EQUAL(f.table->columns, 4); /* b is in no list */
  CHECK_EQUAL(f.table->count_of[LKS_ROLE_TARGET], 2);
  CHECK_EQUAL(f.table->count_of[LKS_ROLE_PAST], 1);
  CHECK_EQUAL(f.table->count_of[LKS_ROLE_KNOWN], 1);
  check_column(0, 0, "c", "10 20 50 40");
  check_column(0, 1, "a", "1 2 4 3");
  check_column(0, 2, "e", "6 5 3 4");
  check_column(0, 3, "d", "0 1 1 0");
  lks_table_fixture_destroy(&f);
}

static void calendar_columns_are_points_on_circles(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.calendar = "month,weekday,yearday,monthday";
  setup.target = "a";
  lks_test_table_prepare(&f, /* a Monday, the first of a leap year's April */
                         "date,a\n2024-04-01,1\n2024-04-02,2\n2024-04-03,4\n2024-04-04,3\n",
                         &setup);
  const double turn = 2 * acos(-1);
  float *rows = lks_test_table_rows(&f, 0);
  const double close = 1e-6; /* rounded to f32 */
  for (int row = 0; row < 4; row++) {
    const double at[] = {3.0 / 12, row / 7.0, (91.0 + row) / 366, row / 30.0};
    for (int k = 0; k < 4; k++) {
      CHECK_CLOSE(rows[row * 9 + 1 + 2 * k], sin(turn * at[k]), close);
      CHECK_CLOSE(rows[row * 9 + 2 + 2 * k], cos(turn * at[k]), close);
    }
  }
  CHECK_TEXT(f.table->column[1].name, "month_sin");
  CHECK_TEXT(f.table->column[8].name, "monthday_cos");
  CHECK_EQUAL(f.table->count_of[LKS_ROLE_KNOWN], 8);
  for (int c = 1; c < 9; c++)
    CHECK(f.table->series[0].fit[c].centre == 0 && f.table->series[0].fit[c].scale == 1);
  free(rows);
  lks_table_fixture_destroy(&f);
}

/* ---- many series ---- */

static const char panel[] = "date,shop,sold,price,area\n"
                            "2016-07-01,north,1,10,100\n2016-07-02,south,5,20,300\n"
                            "2016-07-02,north,2,11,100\n2016-07-03,south,7,21,\n"
                            "2016-07-03,north,4,10,100\n2016-07-04,south,6,20,300\n"
                            "2016-07-05,north,3,12,100\n2016-07-05,south,9,25,300\n";

static void a_column_may_name_the_series(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.group = "shop";
  setup.target = "sold";
  setup.known = "price";
  setup.statics = "area";
  lks_test_table_prepare(&f, panel, &setup);
  CHECK_EQUAL(f.table->count, 2);
  CHECK_TEXT(f.table->group_name, "shop");
  CHECK_TEXT(f.table->series[0].name, "north");
  CHECK_TEXT(f.table->series[1].name, "south");
  check_splits(0, 3, 1, 1, "2016-07-01");
  check_splits(1, 2, 1, 1, "2016-07-02");
  check_column(0, 0, "sold", "1 2 4 nan 3");
  check_column(1, 0, "sold", "5 7 6 9");
  check_column(0, 1, "price", "10 11 10 nan 12");
  check_column(1, 1, "price", "20 21 20 25");
  CHECK_EQUAL(f.table->static_count, 1);
  CHECK_TEXT(f.table->static_names[0], "area");
  CHECK(f.table->series[0].statics[0] == -1 && f.table->series[1].statics[0] == 1);
  setup.unscaled = true;
  lks_test_table_prepare(&f, panel, &setup);
  CHECK(f.table->series[0].statics[0] == 100 && f.table->series[1].statics[0] == 300);
  CHECK(f.table->series[0].fit[0].centre == 0 && f.table->series[0].fit[0].scale == 1);
  check_column(1, 0, "sold", "5 7 6 9");
  lks_table_fixture_destroy(&f);
}

static void each_target_may_become_a_series(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.melt = true;
  setup.known = "holiday";
  setup.calendar = "weekday";
  lks_test_table_prepare(&f,
                         "date,MT_1,holiday,MT_2\n2016-07-01,1,0,10\n2016-07-02,2,1,30\n"
                         "2016-07-03,4,1,20\n2016-07-04,3,0,\n",
                         &setup);
  CHECK_EQUAL(f.table->count, 2);
  CHECK_TEXT(f.table->group_name, "");
  CHECK_TEXT(f.table->series[0].name, "MT_1");
  CHECK_TEXT(f.table->series[1].name, "MT_2");
  CHECK_EQUAL(f.table->columns, 4);
  CHECK_EQUAL(f.table->count_of[LKS_ROLE_TARGET], 1);
  check_column(0, 0, "value", "1 2 4 3");
  check_column(1, 0, "value", "10 30 20 nan");
  check_column(0, 1, "holiday", "0 1 1 0");
  check_column(1, 1, "holiday", "0 1 1 0");
  CHECK_TEXT(f.table->column[2].name, "weekday_sin");
  CHECK(f.table->series[0].fit[0].centre != f.table->series[1].fit[0].centre);
  lks_table_fixture_destroy(&f);
}

/* 300 series of 40 rows, sorted by time: with 20 KB of buffers nearly every row goes to
 * the spool by itself. */
static void little_memory_gives_the_same_dataset(void) {
  enum { SERIES = 300, ROWS = 40 };
  lks_text csv = {0};
  lks_digest digest[2];
  lks_table_fixture_create(&f);
  CHECK_OK(lks_text_print(&csv, "date,id,a,b\n"));
  for (int row = 0; row < ROWS; row++)
    for (int s = 0; s < SERIES; s++)
      CHECK_OK(lks_text_print(&csv, "%d-01-01,s%d,%d,%g\n", 1900 + row, s * 7 % SERIES,
                              (row * 31 + s * 17) % 101, row * 0.25 - s));
  for (int i = 0; i < 2; i++) {
    lks_prepare_table setup = lks_test_table_setup(&f);
    setup.group = "id";
    setup.memory_bytes = i == 0 ? 0 : 20000;
    lks_test_table_prepare(&f, csv.data, &setup);
    CHECK_EQUAL(f.table->count, SERIES);
    digest[i] = *lks_dataset_digest(f.dataset);
  }
  CHECK_EQUAL(lks_digest_compare(&digest[0], &digest[1]), 0);
  check_column(1, 1, "b",
               "-1 -0.75 -0.5 -0.25 0 0.25 0.5 0.75 1 1.25 1.5 1.75 2 2.25 2.5 2.75 "
               "3 3.25 3.5 3.75 4 4.25 4.5 4.75 5 5.25 5.5 5.75 6 6.25 6.5 6.75 7 "
               "7.25 7.5 7.75 8 8.25 8.5 8.75");
  CHECK_TEXT(f.table->series[1].name, "s7");
  lks_text_release(&csv);
  lks_table_fixture_destroy(&f);
}

/* ---- frequencies ---- */

static void frequencies_are_found(void) {
  static const struct {
    const char *times[5];
    const char *frequency;
    int season;
    int64_t rows;
  } cases[] = {
      {{"2016-07-01 00:00:00", "2016-07-01 00:00:30", "2016-07-01 00:01:00",
        "2016-07-01 00:02:00", "2016-07-01 00:02:30"},
       "30 seconds",
       2880,
       6},
      {{"2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04", "2016-01-05"}, "1 day", 7, 5},
      {{"2016-01-07", "2016-01-08", "2016-01-11", "2016-01-13", "2016-01-14"},
       "1 weekday",
       5,
       6},
      {{"2016-01-04", "2016-01-11", "2016-01-18", "2016-02-01", "2016-02-08"}, "1 week", 52, 6},
      {{"2016-01-01", "2016-02-01", "2016-03-01", "2016-05-01", "2016-06-01"},
       "1 month",
       12,
       6},
      {{"2016-01-31", "2016-02-29", "2016-03-31", "2016-04-30", "2016-05-31"},
       "1 month",
       12,
       5},
      {{"2015-10", "2016-01", "2016-04", "2016-07", "2017-01"}, "3 months", 4, 6},
      {{"1990", "1991", "1993", "1994", "1995"}, "12 months", 1, 6},
      {{"2016-07-01 00:00", "2016-07-01 12:00", "2016-07-02", "2016-07-03", "2016-07-03 12:00"},
       "12 hours",
       2,
       6},
  };
  lks_table_fixture_create(&f);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char csv[512] = "date,a\n";
    for (int row = 0; row < 5; row++)
      (void)snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s,%d\n",
                     cases[i].times[row], row * row);
    lks_prepare_table setup = lks_test_table_setup(&f);
    lks_test_table_prepare(&f, csv, &setup);
    check_frequency(cases[i].frequency, cases[i].season);
    if (f.table != NULL)
      CHECK_EQUAL(lks_series_rows(&f.table->series[0]), cases[i].rows);
  }
  lks_table_fixture_destroy(&f);
}

static void frequency_and_season_may_be_given(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.frequency = "30 minutes";
  setup.season = 48;
  lks_test_table_prepare(&f,
                         "date,a\n2016-07-01 00:00,1\n2016-07-01 01:00,2\n"
                         "2016-07-01 02:00,5\n2016-07-01 03:00,4\n",
                         &setup);
  check_frequency("30 minutes", 48);
  check_column(0, 0, "a", "1 nan 2 nan 5 nan 4");
  lks_table_fixture_destroy(&f);
}

/* ---- splits and fits ---- */

static const char ten_days[] = "date,a\n2016-07-01,1\n2016-07-02,2\n2016-07-03,4\n"
                               "2016-07-04,8\n2016-07-05,7\n2016-07-06,6\n2016-07-07,5\n"
                               "2016-07-08,4\n2016-07-09,3\n2016-07-10,9\n";

static void splits_are_cut_by_shares_rows_or_times(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 7, 1, 2, "2016-07-01");
  setup.valid_fraction = 0;
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 8, 0, 2, "2016-07-01");
  setup.valid_fraction = 0.3;
  setup.test_fraction = 0.3;
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 4, 3, 3, "2016-07-01");
  setup = lks_test_table_setup(&f);
  setup.train_rows = 4;
  setup.valid_rows = 2;
  setup.test_rows = 3;
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 4, 2, 3, "2016-07-01");
  check_column(0, 0, "a", "1 2 4 8 7 6 5 4 3");
  setup = lks_test_table_setup(&f);
  setup.valid_from = "2016-07-04 12:00";
  setup.test_from = "2016-07-10";
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 4, 5, 1, "2016-07-01");
  setup.valid_from = NULL;
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 9, 0, 1, "2016-07-01");
  setup.valid_from = "2016-07-08";
  setup.test_from = NULL;
  lks_test_table_prepare(&f, ten_days, &setup);
  check_splits(0, 7, 3, 0, "2016-07-01");
  lks_table_fixture_destroy(&f);
}

/* What the training rows tell, by the definitions: two passes in long double. */
typedef struct {
  double mean, deviation, difference_mean, difference_deviation, naive, seasonal;
} expected_fit;

static double mean_of(const double *x, int count) {
  long double sum = 0;
  for (int i = 0; i < count; i++)
    sum += (long double)x[i];
  return (double)(sum / count);
}

static double deviation_of(const double *x, int count) {
  double mean = mean_of(x, count);
  long double sum = 0;
  for (int i = 0; i < count; i++)
    sum += ((long double)x[i] - (long double)mean) * ((long double)x[i] - (long double)mean);
  return sqrt((double)(sum / count));
}

/* x[rows] with NaN for missing values. */
static expected_fit fit_of(const double *x, int rows, int season) {
  enum { MOST = 512 };
  double there[MOST], difference[MOST], naive[MOST], seasonal[MOST];
  int n = 0, pairs = 0, seasons = 0;
  for (int t = 0; t < rows; t++) {
    if (!isnan(x[t]))
      there[n++] = x[t];
    if (t >= season && !isnan(x[t]) && !isnan(x[t - season]))
      seasonal[seasons++] = fabs(x[t] - x[t - season]);
    if (t >= 1 && !isnan(x[t]) && !isnan(x[t - 1])) {
      difference[pairs] = x[t] - x[t - 1];
      naive[pairs] = fabs(x[t] - x[t - 1]);
      pairs++;
    }
  }
  double scale = deviation_of(there, n);
  return (expected_fit){mean_of(there, n),
                        scale,
                        mean_of(difference, pairs) / scale,
                        deviation_of(difference, pairs) / scale,
                        mean_of(naive, pairs) / scale,
                        seasons > 0 ? mean_of(seasonal, seasons) / scale : NAN};
}

enum { FIT_ROWS = 400, FIT_TRAIN = 280 };

/* FIT_ROWS hours; every 7th value of `b` is missing, and every 50th row. */
static void make_fit_table(double x[2][FIT_ROWS], lks_text *csv) {
  lks_text_clear(csv);
  CHECK_OK(lks_text_print(csv, "date,a,b\n"));
  for (int t = 0; t < FIT_ROWS; t++) {
    bool gap = t % 50 == 13;
    x[0][t] = gap ? NAN : 1000 + (t * 37 % 101) * 0.125 + t % 24;
    x[1][t] = gap || t % 7 == 3 ? NAN : (t * 53 % 97) * 1e-3;
    char b[32] = "";
    if (!isnan(x[1][t]))
      (void)snprintf(b, sizeof b, "%.17g", x[1][t]);
    if (!gap)
      CHECK_OK(lks_text_print(csv, "2016-07-%02d %02d:00,%.17g,%s\n", t / 24 + 1, t % 24,
                              x[0][t], b));
  }
}

static const double fit_error = 1e-13; /* of f64, relative, over 280 rows */

static void check_fit(const lks_series_fit *fit, const expected_fit *expected) {
  CHECK_CLOSE(fit->centre, expected->mean, fit_error * fabs(expected->mean));
  CHECK_CLOSE(fit->scale, expected->deviation, fit_error * expected->deviation);
  CHECK_CLOSE(fit->difference_mean, expected->difference_mean, fit_error);
  CHECK_CLOSE(fit->difference_deviation, expected->difference_deviation, fit_error * 10);
  CHECK_CLOSE(fit->naive_error, expected->naive, fit_error * 10);
  CHECK_CLOSE(fit->seasonal_error, expected->seasonal, fit_error * 10);
}

static void columns_are_fitted_on_the_training_rows(void) {
  double x[2][FIT_ROWS];
  lks_text csv = {0};
  lks_table_fixture_create(&f);
  make_fit_table(x, &csv);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f, csv.data, &setup);
  check_splits(0, FIT_TRAIN, 40, 80, "2016-07-01 00:00:00");
  for (int c = 0; c < 2; c++) {
    expected_fit expected = fit_of(x[c], FIT_TRAIN, 24);
    check_fit(&f.table->series[0].fit[c], &expected);
  }
  float *rows = lks_test_table_rows(&f, 0);
  int wrong = 0;
  for (int t = 0; t < FIT_ROWS; t++)
    for (int c = 0; c < 2; c++) {
      const lks_series_fit *fit = &f.table->series[0].fit[c];
      float expected = (float)((x[c][t] - fit->centre) / fit->scale);
      wrong += isnan(x[c][t]) ? !isnan(rows[2 * t + c]) : rows[2 * t + c] != expected;
    }
  CHECK_EQUAL(wrong, 0);
  free(rows);
  lks_text_release(&csv);
  lks_table_fixture_destroy(&f);
}

/* Puts 9999 for the first four letters of the value at a time. */
static void change_value(lks_text *csv, const char *time) {
  char *line = strstr(csv->data, time);
  CHECK(line != NULL);
  for (int i = 0; line != NULL && i < 4; i++)
    line[strlen(time) + 1 + (size_t)i] = '9';
}

/* Any value after the training rows may change: fits and training values keep their bits. */
static void later_rows_do_not_change_the_fit(void) {
  double x[2][FIT_ROWS];
  lks_text csv = {0};
  lks_series_fit before[2];
  lks_table_fixture_create(&f);
  make_fit_table(x, &csv);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f, csv.data, &setup);
  memcpy(before, f.table->series[0].fit, sizeof before);
  lks_digest digest = *lks_dataset_digest(f.dataset);
  float *rows = lks_test_table_rows(&f, 0);
  change_value(&csv, "2016-07-12 16:00"); /* row 280, the first to validate on */
  lks_test_table_prepare(&f, csv.data, &setup);
  float *rows_now = lks_test_table_rows(&f, 0);
  CHECK(memcmp(before, f.table->series[0].fit, sizeof before) == 0);
  CHECK_SAME_BITS(rows_now, rows, (size_t)(2 * FIT_TRAIN));
  CHECK(rows_now[2 * FIT_TRAIN] != rows[2 * FIT_TRAIN]);
  CHECK(lks_digest_compare(&digest, lks_dataset_digest(f.dataset)) != 0);
  free(rows_now);
  change_value(&csv, "2016-07-12 15:00"); /* row 279, the last to train on */
  lks_test_table_prepare(&f, csv.data, &setup);
  CHECK(memcmp(before, f.table->series[0].fit, sizeof before) != 0);
  free(rows);
  lks_text_release(&csv);
  lks_table_fixture_destroy(&f);
}

static void constant_columns_may_be_kept(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.keep_constant = true;
  lks_test_table_prepare(&f, "date,a\n2016-07-01,5\n2016-07-02,5\n2016-07-03,6\n2016-07-04,4\n",
                         &setup);
  CHECK(f.table->series[0].fit[0].centre == 5 && f.table->series[0].fit[0].scale == 1);
  check_column(0, 0, "a", "5 5 6 4");
  lks_table_fixture_destroy(&f);
}

static void what_there_is_none_of_is_not_a_number(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f,
                         "date,a\n2016-07-01,5\n2016-07-02,\n2016-07-03,6\n2016-07-04,\n"
                         "2016-07-05,7\n2016-07-06,7\n",
                         &setup);
  const lks_series_fit *fit = &f.table->series[0].fit[0];
  CHECK(isnan(fit->difference_mean) && isnan(fit->difference_deviation));
  CHECK(isnan(fit->naive_error) && isnan(fit->seasonal_error));
  lks_table_fixture_destroy(&f);
}

static void the_file_says_what_it_was_made_of(void) {
  lks_digest digest;
  char hex[LKS_DIGEST_HEX], line[128];
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_prepare(&f, ten_days, &setup);
  CHECK_OK(lks_digest_of(ten_days, strlen(ten_days), &digest));
  lks_digest_to_hex(&digest, hex);
  (void)snprintf(line, sizeof line, "%s  in.csv\n", hex);
  size_t bytes = 0;
  char *file = lks_test_read_file(f.out, &bytes);
  CHECK(file != NULL && memmem(file, bytes, line, strlen(line)) != NULL);
  free(file);
  lks_table_fixture_destroy(&f);
}

static void memory_that_runs_out_leaves_nothing_half_made(void) {
  lks_status status = LKS_NO_MEMORY;
  size_t n = 0;
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.group = "shop";
  setup.target = "sold";
  setup.known = "price";
  setup.statics = "area";
  setup.calendar = "hour";
  setup.memory_bytes = 1;
  lks_test_table_input(&f, "in.csv", panel, strlen(panel));
  while (status != LKS_OK && n < 1000) {
    lks_allocation_fail_at(++n);
    status = lks_prepare_table_run(&setup);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
    if (status != LKS_OK) /* no file, or a whole one whose folder could not be flushed */
      CHECK(lks_temporary_count(&f.folder) == 1 ||
            lks_sealed_check(setup.out, LKS_FILE_DATASET, NULL) == LKS_OK);
    (void)remove(setup.out);
  }
  CHECK(n > 40 && n < 1000);
  CHECK_EQUAL(lks_temporary_count(&f.folder), 1);
  lks_table_fixture_destroy(&f);
}

const lks_test prepare_table_tests[] = {
    TEST(semicolons_and_decimal_commas_are_read),
    TEST(three_formats_of_dates_give_the_same_dataset),
    TEST(days_and_months_are_told_apart_by_a_later_row),
    TEST(how_the_file_is_written_is_kept),
    TEST(gaps_become_missing_values),
    TEST(a_mark_and_windows_line_ends_are_no_part_of_the_table),
    TEST(a_table_without_header_has_numbers_for_names),
    TEST(the_time_column_is_found_or_named),
    TEST(columns_have_the_order_and_role_of_the_lists),
    TEST(calendar_columns_are_points_on_circles),
    TEST(a_column_may_name_the_series),
    TEST(each_target_may_become_a_series),
    TEST(little_memory_gives_the_same_dataset),
    TEST(frequencies_are_found),
    TEST(frequency_and_season_may_be_given),
    TEST(splits_are_cut_by_shares_rows_or_times),
    TEST(columns_are_fitted_on_the_training_rows),
    TEST(later_rows_do_not_change_the_fit),
    TEST(constant_columns_may_be_kept),
    TEST(what_there_is_none_of_is_not_a_number),
    TEST(the_file_says_what_it_was_made_of),
    TEST(memory_that_runs_out_leaves_nothing_half_made),
    TEST_END};
