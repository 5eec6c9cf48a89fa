/* SPDX-License-Identifier: Apache-2.0 */
/* test_table_refusals.c - what is wrong in a table is told with file, line and column, and
 * nothing is left behind. */
#include "check.h"
#include "table_fixture.h"

#include <stdio.h>
#include <string.h>

static lks_table_fixture f;

typedef struct {
  const char *csv, *message;
} refusal;

/* With no more than the file: every message has its own. */
static void check_refusals(const refusal *cases, size_t count) {
  lks_table_fixture_create(&f);
  for (size_t i = 0; i < count; i++) {
    lks_prepare_table setup = lks_test_table_setup(&f);
    lks_test_table_refuse(&f, cases[i].csv, &setup, LKS_DATA, cases[i].message);
  }
  lks_table_fixture_destroy(&f);
}

static void rows_that_are_ragged_are_named(void) {
  static const refusal cases[] = {
      {"date,a,b\n2016-07-01,1,2\n2016-07-02,1\n",
       "/in.csv:3: expected 3 columns, found 2\n  hint: every row has as many as the first; the "
       "separator is ','"},
      {"date\ta\n2016-07-01\t1\t2\n",
       "/in.csv:2: expected 2 columns, found 3\n  hint: every row has as many as the first; the "
       "separator is 'tab'"},
      {"a,b\n\"x\ny\",2\n3\n", "/in.csv:4: expected 2 columns, found 1"},
  };
  lks_table_fixture_create(&f); /* the third has words: they are left out */
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_prepare_table setup = lks_test_table_setup(&f);
    setup.ignore = i == 2 ? "a" : NULL;
    lks_test_table_refuse(&f, cases[i].csv, &setup, LKS_DATA, cases[i].message);
  }
  lks_table_fixture_destroy(&f);
}

static void times_out_of_order_are_named(void) {
  static const refusal cases[] = {
      {"date,a\n2016-07-02,1\n2016-07-01,2\n",
       "/in.csv:3: column 'date': expected a time after 2016-07-02 00:00:00 of line 2, found "
       "2016-07-01 00:00:00\n  hint: rows are sorted by time; of a table of many series, --group COL "
       "names each row's series"},
      {"date,a\n2016-07-02,1\n2016-07-03,1\n2016-07-03,2\n",
       "/in.csv:4: column 'date': the time 2016-07-03 00:00:00 stands twice, on line 3 as well\n"
       "  hint: of a table of many series, --group COL names each row's series"},
      {"date,a\n2016-10-30T02:00+02:00,1\n2016-10-30T02:00+01:00,2\n",
       "/in.csv:3: column 'date': the time 2016-10-30 02:00:00 stands twice, on line 2 as well\n"
       "  hint: the clock was set back between these lines; times in UTC"},
      {"date,a\n2016-10-30T02:30+02:00,1\n2016-10-30T02:00+01:00,2\n",
       "/in.csv:3: column 'date': expected a time after 2016-10-30 02:30:00 of line 2, found "
       "2016-10-30 02:00:00\n  hint: the clock was set back"},
      {"date,a\n2016-10-31T02:30+02:00,1\n2016-10-30T02:00+01:00,2\n",
       "found 2016-10-30 02:00:00\n  hint: rows are sorted by time"},
      {"t,time\n5,1\n6,2\n7,2\n", "/in.csv:4: column 'time': the time 2 stands twice"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
}

static void steps_that_change_are_named(void) {
  static const refusal cases[] = {
      {"date,a\n2016-07-01 00:00,1\n2016-07-01 00:30,2\n2016-07-01 01:00,3\n"
       "2016-07-01 01:45,5\n",
       "/in.csv:5: column 'date': expected 30 minutes or a multiple of it after 2016-07-01 "
       "01:00:00, found 2016-07-01 01:45:00\n  hint: all rows lie on one grid; the smallest step "
       "of the table, on line 3,"},
      {"date,a\n2016-01-01,1\n2016-02-01,2\n2016-03-01,3\n2016-03-15,5\n",
       "/in.csv:3: column 'date': expected 2 weeks or a multiple of it after 2016-01-01 "
       "00:00:00, found 2016-02-01 00:00:00"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
}

/* 12 hours, then 12 days: all steps are multiples of an hour. */
static void a_frequency_that_changes_is_named(void) {
  lks_text csv = {0};
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  CHECK_OK(lks_text_print(&csv, "date,a\n"));
  for (int hour = 0; hour < 12; hour++)
    CHECK_OK(lks_text_print(&csv, "2016-07-01 %02d:00,%d\n", hour, hour));
  for (int day = 2; day < 14; day++)
    CHECK_OK(lks_text_print(&csv, "2016-07-%02d 11:00,%d\n", day, day));
  lks_test_table_refuse(
      &f, csv.data, &setup, LKS_DATA,
      "/in.csv:14: column 'date': the frequency changes: 10 rows in a row are 1 "
      "day apart, where the smallest step, on line 3, is 1 hour\n  hint: ");
  setup.frequency = "1 hour";
  lks_test_table_prepare(&f, csv.data, &setup);
  if (f.table != NULL)
    CHECK_EQUAL(lks_series_rows(&f.table->series[0]), 12 + 12 * 24);
  lks_text_release(&csv);
  lks_table_fixture_destroy(&f);
}

/* A year that is mistyped would make a series of a million hours. */
static void a_time_far_away_is_named(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  lks_test_table_refuse(&f,
                        "date,a\n2016-07-01 00:00,1\n2016-07-01 01:00,2\n2116-07-01 02:00,3\n"
                        "2116-07-01 03:00,4\n",
                        &setup, LKS_DATA,
                        "/in.csv:4: column 'date': 876576 rows are missing before 2116-07-01 "
                        "02:00:00, in a series of 4\n  hint: is the time right?");
  lks_table_fixture_destroy(&f);
}

static void times_that_are_none_are_named(void) {
  static const refusal cases[] = {
      {"date,a\nJuly,1\n",
       "/in.csv:2: column 'date': expected a time, found 'July'\n  hint: times look like "},
      {"date,a\n2016-07-01,1\n02.07.2016,2\n07/03/2016,3\n",
       "/in.csv:3: column 'date': expected a time like 2016-07-31 13:00, found '02.07.2016'\n"
       "  hint: --time-format"},
      {"date,a\n2016-07-01,1\n,2\n",
       "/in.csv:3: column 'date': expected a time like 2016-07-31 13:00, found ''"},
      {"date,a\n2016-07-30,1\n2016-07-32,2\n",
       "/in.csv:3: column 'date': expected a time like 2016-07-31 13:00, found '2016-07-32'"},
      {"date,a\n01/02/2016,1\n02/02/2016,2\n",
       "/in.csv:2: column 'date': the times from here to line 3 can be read with the day first"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
}

static void texts_and_infinities_among_numbers_are_named(void) {
  static const refusal cases[] = {
      {"date,a,b\n2016-07-01,1,2\n2016-07-02,1,x\n",
       "/in.csv:3: column 'b': expected a number, found 'x'\n  hint: --missing LIST names texts "
       "for missing values; --ignore 'b' leaves columns out"},
      {"date,a,b,c\n2016-07-01,1,low,high\n",
       "/in.csv:2: column 'b': expected a number, found 'low'\n  hint: --missing LIST names texts "
       "for missing values; --ignore 'b,c' leaves columns out"},
      {"date;a\n2016-07-01;1,5\n",
       "/in.csv:2: column 'a': expected a number, found '1,5'\n  hint: --decimal-comma"},
      {"date;a\n2016-07-01;1,022\n",
       "found '1,022'\n  hint: --decimal-comma reads numbers with a decimal comma; if it "
       "separates thousands, remove it"},
      {"date,a\n2016-07-01,\"1,5\"\n", /* where --decimal-comma would be refused */
       "/in.csv:2: column 'a': expected a number, found '1,5'\n  hint: write numbers with a "
       "decimal point"},
      {"date,a\n2016-07-01,\"1,022\"\n",
       "/in.csv:2: column 'a': expected a number, found '1,022'\n  hint: this looks like "
       "thousands set apart, which are not read: remove what separates them"},
      {"date;a\n2016-07-01;1 022 333.5\n", "found '1 022 333.5'\n  hint: this looks like"},
      {"date,a\n2016-07-01,1\n2016-07-02,inf\n",
       "/in.csv:3: column 'a': expected a finite number, found 'inf'"},
      {"date,a\n2016-07-01,1\n2016-07-02,-1e999\n",
       "/in.csv:3: column 'a': expected a finite number, found '-1e999'"},
      {"date,a\n2016-07-01,1e300\n2016-07-02,-1e300\n2016-07-03,1\n2016-07-04,1\n",
       "/in.csv:2: column 'a': the values are too large to be scaled"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
}

static void columns_that_tell_nothing_are_named(void) {
  static const refusal cases[] = {
      {"date,a,b\n2016-07-01,1,5\n2016-07-02,2,5\n2016-07-03,3,5\n2016-07-04,3,6\n",
       "/in.csv:2: column 'b': all values of the training rows, up to line 3, are 5\n  hint: "
       "--ignore 'b' leaves the column out, --constant keep"},
      {"date,a,b\n2016-07-01,1,\n2016-07-02,2,NA\n2016-07-03,3,5\n2016-07-04,3,6\n",
       "/in.csv:2: column 'b': there is no value in the training rows, up to line 3\n  hint: "
       "--ignore 'b' leaves the column out"},
      {"date,a,b\n2016-07-01,1,\n2016-07-02,2,\n2016-07-03,3,\n2016-07-04,3,\n",
       "/in.csv:2: column 'b': there is no value in the training rows"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.keep_constant = true; /* nothing is no constant */
  lks_test_table_refuse(&f, cases[2].csv, &setup, LKS_DATA, cases[2].message);
  setup.melt = true; /* a melted column is called by its own name */
  setup.keep_constant = false;
  lks_test_table_refuse(&f, cases[0].csv, &setup, LKS_DATA,
                        "/in.csv:2: column 'b': all values of the training rows");
  lks_table_fixture_destroy(&f);
}

static void too_few_rows_are_named(void) {
  static const refusal cases[] = {
      {"date,a\n2016-07-01,1\n2016-07-02,2\n",
       "/in.csv:2: expected at least 3 rows, found 2, up to line 3"},
      {"date,a\n", "/in.csv: there is no row below the header"},
      {"\n\r\n\n", "/in.csv: there are only empty lines"},
      {"", "/in.csv: the file is empty"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
  static const char panel[] = "date,id,a\n2016-07-01,x,1\n2016-07-02,x,2\n2016-07-03,x,4\n"
                              "2016-07-04,x,3\n2016-07-01,y,5\n2016-07-02,y,6\n";
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.group = "id";
  lks_test_table_refuse(
      &f, panel, &setup, LKS_DATA,
      "/in.csv:6: series 'y', expected at least 3 rows, found 2, up to line 7");
  setup = lks_test_table_setup(&f);
  setup.train_rows = 10;
  setup.test_rows = 5;
  lks_test_table_refuse(&f, "date,a\n2016-07-01,1\n2016-07-02,2\n2016-07-03,2\n", &setup,
                        LKS_DATA,
                        "/in.csv:2: expected 15 rows for the splits, found 3, up to line 4");
  setup = lks_test_table_setup(&f);
  setup.valid_from = "2016-07-01";
  lks_test_table_refuse(&f, "date,a\n2016-07-01,1\n2016-07-02,2\n2016-07-03,2\n", &setup,
                        LKS_DATA,
                        "/in.csv:2: split 'train' is empty: there are 3 rows, up to line 4\n");
  setup.valid_from = "2017-01-01";
  lks_test_table_refuse(
      &f, "date,a\n2016-07-01,1\n2016-07-02,2\n2016-07-03,2\n", &setup, LKS_DATA,
      "/in.csv: split 'valid' is empty: all rows are before or after its times");
  lks_table_fixture_destroy(&f);
}

static void series_without_name_and_statics_that_change_are_named(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.group = "id";
  setup.statics = "size";
  lks_test_table_refuse(&f, "date,id,size,a\n2016-07-01,x,1,1\n2016-07-02,,1,2\n", &setup,
                        LKS_DATA,
                        "/in.csv:3: column 'id': expected the name of a series, found nothing\n"
                        "  hint: every row names its series");
  lks_test_table_refuse(&f, "date,id,size,a\n2016-07-02,x,1,1\n2016-07-01,x,1,2\n", &setup,
                        LKS_DATA,
                        "\n  hint: rows are sorted by time, those of a series at least");
  lks_test_table_refuse(&f, "date,id,size,a\n2016-07-01,x,1,1\n2016-07-02,\xe9,1,2\n", &setup,
                        LKS_DATA,
                        "/in.csv:3: column 'id': expected the name of a series, found "
                        "what is not UTF-8\n  hint: if it is Latin-1, convert it: iconv -f "
                        "LATIN1 -t UTF-8");
  lks_test_table_refuse(
      &f, "date,id,size,a\n2016-07-01,x,1,1\n2016-07-02,x,2,2\n", &setup, LKS_DATA,
      "/in.csv:3: column 'size': expected 1 as in the rows of series 'x' before, "
      "found 2\n  hint: a static value does not change");
  lks_test_table_refuse(&f,
                        "date,id,size,a\n2016-07-01,x,,1\n2016-07-02,x,,2\n2016-07-03,x,,4\n"
                        "2016-07-04,x,,5\n",
                        &setup, LKS_DATA,
                        "/in.csv:2: series 'x', column 'size': there is no value in any row");
  lks_table_fixture_destroy(&f);
}

static void headers_that_cannot_be_used_are_named(void) {
  static const refusal cases[] = {
      {"date,a,a\n2016-07-01,1,2\n",
       "/in.csv:1: columns 2 and 3 are both called 'a'\n  hint: "},
      {"date,\xb0"
       "C\n2016-07-01,1\n",
       "/in.csv:1: column 2: expected a name in UTF-8 without control characters\n  hint: iconv"},
      {"date\n2016-07-01\n", "/in.csv: expected a target among the columns, found none\n"},
      {"date,a\n2016-07-01,\"1\n", "/in.csv:2: the row that begins here does not end\n"},
  };
  check_refusals(cases, sizeof cases / sizeof *cases);
}

static void requests_that_contradict_are_refused(void) {
  static const char csv[] = "date,alpha,beta\n2016-07-01,1,2\n2016-07-02,1,2\n";
  lks_table_fixture_create(&f);
  const lks_prepare_table none = lks_test_table_setup(&f);
  struct {
    lks_prepare_table setup;
    const char *message;
  } cases[32];
  size_t n = 0;
#define WITH(field, content, text)                                                             \
  cases[n].setup = none;                                                                       \
  cases[n].setup.field = content;                                                              \
  cases[n++].message = text
  WITH(target, "alpa",
       "--target: there is no column 'alpa'; did you mean 'alpha'? known: date, ");
  WITH(ignore, "alpha,date,beta,x",
       "--ignore: there is no column 'x'; known: date, alpha, beta");
  WITH(target, "alpha,alpha", "column 'alpha' is given by --target and by --target");
  WITH(separator, ";;", "--separator: expected one character or tab, found ';;'");
  WITH(separator, "\"", "--separator: a quote or line end cannot be one");
  WITH(decimal_comma, true, "the comma cannot separate columns and be the decimal point too");
  WITH(time_format, "dym", "unknown time format 'dym'; did you mean 'dmy'?");
  WITH(calendar, "hour,weekday,hour", "--calendar: 'hour' stands twice");
  WITH(calendar, "weekdays", "--calendar: unknown cycle 'weekdays'; did you mean 'weekday'?");
  WITH(frequency, "hourly", "--frequency: expected a number and a unit, like '15 minutes'");
  WITH(frequency, "1 row", "--frequency: '1 row' does not go with times like 2016-07-31 13:00");
  WITH(season, -1, "a season of -1 rows is out of range");
  WITH(valid_fraction, 1,
       "fractions 1 for validation and 0.2 for test: expected numbers from 0 ");
  WITH(test_rows, 5, "splits are given by rows, but training has none\n  hint: --train-rows");
  WITH(valid_from, "July", "--valid-from: expected a time like 2016-07-31 13:00, found 'July'");
#undef WITH
  cases[n].setup = none;
  cases[n].setup.target = "alpha";
  cases[n].setup.known = "alpha";
  cases[n++].message = "column 'alpha' is given by --target and by --known";
  cases[n].setup = none;
  cases[n].setup.time = "date";
  cases[n].setup.no_time = true;
  cases[n++].message = "a time column is named, and said to be none\n  hint: ";
  cases[n].setup = none;
  cases[n].setup.melt = true;
  cases[n].setup.group = "alpha";
  cases[n++].message = "melted columns are series by themselves";
  cases[n].setup = none;
  cases[n].setup.no_time = true;
  cases[n].setup.ignore = "date";
  cases[n].setup.calendar = "hour";
  cases[n++].message = "--calendar needs a column of dates\n  hint: --time COL names it";
  cases[n].setup = none;
  cases[n].setup.no_time = true;
  cases[n].setup.ignore = "date";
  cases[n].setup.frequency = "1 hour";
  cases[n++].message = "--frequency needs a column of times\n  hint: without one --season";
  cases[n].setup = none;
  cases[n].setup.valid_fraction = 0.1;
  cases[n].setup.test_from = "2016-07-01";
  cases[n++].message = "splits are given in several ways\n  hint: ";
  cases[n].setup = none;
  cases[n].setup.valid_from = "2016-07-02";
  cases[n].setup.test_from = "2016-07-02";
  cases[n++].message = "--test-from 2016-07-02 is not after --valid-from 2016-07-02";
  for (size_t i = 0; i < n; i++)
    lks_test_table_refuse(&f, csv, &cases[i].setup, LKS_USAGE, cases[i].message);
  lks_table_fixture_destroy(&f);
}

static void a_given_frequency_binds(void) {
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.frequency = "1 weekday";
  lks_test_table_refuse(
      &f, "date,a\n2016-07-01,1\n2016-07-02,2\n2016-07-04,3\n", &setup, LKS_DATA,
      "/in.csv:3: column 'date': expected 1 weekday or a multiple of it after "
      "2016-07-01 00:00:00, found 2016-07-02 00:00:00\n  hint: --frequency");
  lks_test_table_refuse(
      &f, "date,a\n2016-07-02,1\n2016-07-04,2\n2016-07-05,3\n", &setup, LKS_DATA,
      "/in.csv:2: column 'date': expected a time on a grid of 1 weekday, found "
      "2016-07-02 00:00:00");
  lks_table_fixture_destroy(&f);
}

static void places_that_cannot_be_read_or_written_are_refused(void) {
  static const char csv[] = "date,a\n2016-07-01,1\n2016-07-02,2\n2016-07-03,3\n2016-07-04,5\n";
  char path[300];
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.input = "none.csv";
  lks_test_table_refuse(&f, csv, &setup, LKS_DATA, "none.csv: cannot be read: No such file");
  setup.input = f.folder.path;
  lks_test_table_refuse(&f, csv, &setup, LKS_DATA, ": expected a file, found a folder");
  setup.input = f.input;
  setup.out = f.folder.path;
  lks_test_table_refuse(&f, csv, &setup, LKS_USAGE,
                        ": is a folder\n  hint: name the dataset's");
  setup.out = f.input;
  lks_test_table_refuse(&f, csv, &setup, LKS_USAGE,
                        "in.csv: the dataset would replace its input");
  setup.out = "/proc/out.h5";
  lks_test_table_refuse(&f, csv, &setup, LKS_IO, "/proc/out.h5");
  (void)snprintf(path, sizeof path, "%s/out.h5", f.input);
  setup.out = path;
  lks_test_table_refuse(&f, csv, &setup, LKS_IO, "in.csv");
  lks_table_fixture_destroy(&f);
}

const lks_test table_refusals_tests[] = {
    TEST(rows_that_are_ragged_are_named),
    TEST(times_out_of_order_are_named),
    TEST(steps_that_change_are_named),
    TEST(a_frequency_that_changes_is_named),
    TEST(a_time_far_away_is_named),
    TEST(times_that_are_none_are_named),
    TEST(texts_and_infinities_among_numbers_are_named),
    TEST(columns_that_tell_nothing_are_named),
    TEST(too_few_rows_are_named),
    TEST(series_without_name_and_statics_that_change_are_named),
    TEST(headers_that_cannot_be_used_are_named),
    TEST(requests_that_contradict_are_refused),
    TEST(a_given_frequency_binds),
    TEST(places_that_cannot_be_read_or_written_are_refused),
    TEST_END};
