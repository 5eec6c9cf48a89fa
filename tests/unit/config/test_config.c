/* SPDX-License-Identifier: Apache-2.0 */
/* test_config.c - keys, values, and the expanded configuration. */
#include "base/memory.h"
#include "check.h"
#include "config/config.h"

#include <string.h>

static const lks_key model_keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", "rnn lstm gru", 1, 0, LKS_KEY_FIXED,
     "the recurrent cell"},
    {"model", "hidden", LKS_KEY_INTEGER, "200", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a layer"},
    {"model", "dropout", LKS_KEY_REAL, "0", NULL, 0, 1, LKS_KEY_FIXED,
     "share of units left out"},
    {"model", "tied", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED, "share the embedding"},
};
static const lks_key train_keys[] = {
    {"train", "epochs", LKS_KEY_INTEGER, "10", NULL, 0, 1e9, LKS_KEY_FREE,
     "passes over the data"},
    {"train", "clip", LKS_KEY_REAL, "5", NULL, 1, 0, LKS_KEY_FIXED,
     "largest norm of the gradient"},
    {"data", "path", LKS_KEY_PATH, NULL, NULL, 1, 0, LKS_KEY_FREE, "the dataset"},
    {"data", "note", LKS_KEY_TEXT, "", NULL, 1, 0, LKS_KEY_FREE, "words about the run"},
};
/* A section that another layer added to before. */
static const lks_key late_keys[] = {
    {"model", "layers", LKS_KEY_INTEGER, "1", NULL, 1, 32, LKS_KEY_FIXED, "layers of cells"},
};

static lks_config *make_config(void) {
  lks_config *config = NULL;
  CHECK_OK(lks_config_create(&config));
  CHECK_OK(lks_config_register(config, model_keys, 4));
  CHECK_OK(lks_config_register(config, train_keys, 4));
  CHECK_OK(lks_config_register(config, late_keys, 1));
  return config;
}

static void defaults_hold_until_something_is_given(void) {
  lks_config *config = make_config();
  CHECK_EQUAL(lks_config_integer(config, "model", "hidden"), 200);
  CHECK(lks_config_real(config, "train", "clip") == 5);
  CHECK(!lks_config_bool(config, "model", "tied"));
  CHECK_TEXT(lks_config_text(config, "model", "cell"), "lstm");
  CHECK(!lks_config_is_given(config, "model", "hidden"));
  CHECK_OK(lks_config_set(config, "model.hidden=300"));
  CHECK_OK(lks_config_set(config, "model.tied=true"));
  CHECK_EQUAL(lks_config_integer(config, "model", "hidden"), 300);
  CHECK(lks_config_bool(config, "model", "tied"));
  CHECK(lks_config_is_given(config, "model", "hidden"));
  lks_config_destroy(config);
  lks_config_destroy(NULL);
}

static void numbers_are_brought_to_one_form(void) {
  const char *const cases[][2] = {
      {"0.10", "0.1"},    {"1e-1", "0.1"},      {"+.5", "0.5"},
      {"-0", "0"},        {"1.0", "1"},         {"0.3333333333333333", "0.3333333333333333"},
      {"2e-05", "2e-05"}, {"0.00002", "2e-05"}, {"1e300", "1e+300"}};
  lks_config *config = make_config();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_text assignment = {0};
    CHECK_OK(lks_text_print(&assignment, "train.clip=%s", cases[i][0]));
    CHECK_OK(lks_config_set(config, assignment.data));
    CHECK_TEXT(lks_config_text(config, "train", "clip"), cases[i][1]);
    lks_text_release(&assignment);
  }
  CHECK_OK(lks_config_set(config, "model.hidden=+0512"));
  CHECK_TEXT(lks_config_text(config, "model", "hidden"), "512");
  lks_config_destroy(config);
}

static void wrong_assignments_say_what_is_wrong(void) {
  const struct {
    const char *assignment;
    const char *message;
  } cases[] = {
      {"hidden=3", "expected SECTION.KEY=VALUE"},
      {"model.hidden", "expected SECTION.KEY=VALUE"},
      {".hidden=3", "expected SECTION.KEY=VALUE"},
      {"model.=3", "expected SECTION.KEY=VALUE"},
      {"modle.hidden=3",
       "unknown section [modle]; did you mean 'model'? known: model, train, data"},
      {"model.hiden=3", "unknown key 'hiden' in [model]; did you mean 'hidden'? known: cell, "},
      {"model.hidden=0", "[model] hidden: expected a whole number from 1 to 65536, found '0'"},
      {"model.hidden=2.5", "expected a whole number from 1 to 65536, found '2.5'"},
      {"model.hidden=", "expected a whole number from 1 to 65536, found ''"},
      {"model.dropout=1.5", "expected a number from 0 to 1, found '1.5'"},
      {"model.dropout=nan", "expected a number from 0 to 1, found 'nan'"},
      {"model.dropout=half", "\n  hint: share of units left out"},
      {"model.tied=1", "expected yes or no, found '1'"},
      {"model.cell=ltsm", "unknown choice 'ltsm'; did you mean 'lstm'? known: rnn, lstm, gru"},
      {"data.note=two\nlines", "without line ends"},
      {"data.note=a ;b", "without line ends, ' ;'"},
      {"data.note=bad \xFF", "expected UTF-8"},
      {"data.note= edge", "spaces around it"},
  };
  lks_config *config = make_config();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_FAILS(lks_config_set(config, cases[i].assignment), LKS_USAGE, cases[i].message);
  CHECK_FAILS(lks_config_set(config, "model.hidden=0"), LKS_USAGE, "--set model.hidden=0: ");
  CHECK_EQUAL(lks_config_integer(config, "model", "hidden"), 200);
  lks_config_destroy(config);
}

static void a_value_from_within_is_taken_as_it_is(void) {
  lks_config *config = make_config();
  CHECK_OK(lks_config_put(config, "data", "note", " a ;b\n", "--note"));
  CHECK_TEXT(lks_config_text(config, "data", "note"), " a ;b\n");
  CHECK_FAILS(lks_config_put(config, "data", "note", "bad \xFF", "--note"), LKS_USAGE,
              "--note: expected UTF-8, found byte 0xff at offset 4");
  CHECK_TEXT(lks_config_text(config, "data", "note"), " a ;b\n");
  CHECK_OK(lks_config_put(config, "model", "hidden", "+7", "--hidden"));
  CHECK_EQUAL(lks_config_integer(config, "model", "hidden"), 7);
  CHECK_FAILS(lks_config_put(config, "model", "hidden", "0", "--hidden"), LKS_USAGE,
              "--hidden: [model] hidden: expected a whole number from 1 to 65536, found '0'");
  lks_config_destroy(config);
}

static void keys_that_must_be_given_are_named(void) {
  lks_config *config = make_config();
  CHECK_FAILS(lks_config_check(config, "run.ini"), LKS_USAGE,
              "run.ini lacks [data] path (the dataset)");
  CHECK_OK(lks_config_set(config, "data.path=/x.h5"));
  CHECK_OK(lks_config_check(config, "run.ini"));
  CHECK_TEXT(lks_config_text(config, "data", "path"), "/x.h5");
  lks_config_destroy(config);
}

static const char expanded[] = "[model]\ncell = gru\nhidden = 200\ndropout = 0.25\ntied = no\n"
                               "layers = 1\n\n[train]\nepochs = 10\nclip = 5\n\n"
                               "[data]\npath = /x.h5\nnote = caf\xC3\xA9 # 1\n";

static void expansion_lists_every_key_once_by_section(void) {
  lks_config *config = make_config();
  lks_text text = {0};
  CHECK_OK(lks_config_set(config, "model.cell=gru"));
  CHECK_OK(lks_config_set(config, "model.dropout=2.5e-1"));
  CHECK_OK(lks_config_set(config, "data.path=/x.h5"));
  CHECK_OK(lks_config_set(config, "data.note=caf\xC3\xA9 # 1"));
  CHECK_OK(lks_config_expand(config, false, &text));
  CHECK_TEXT(text.data, expanded);
  lks_text_release(&text);
  lks_config_destroy(config);
}

static void expansion_reads_back_to_itself(void) {
  for (int help = 0; help < 2; help++) {
    lks_config *config = make_config();
    lks_config *again = make_config();
    lks_text text = {0};
    lks_text text_again = {0};
    CHECK_OK(lks_config_read_text(config, expanded, "config.ini"));
    CHECK_OK(lks_config_expand(config, help, &text));
    CHECK_OK(lks_config_read_text(again, text.data, "again.ini"));
    CHECK_OK(lks_config_expand(again, help, &text_again));
    CHECK_TEXT(text_again.data, text.data);
    CHECK_EQUAL(strcmp(text.data, expanded) == 0, !help);
    lks_text_release(&text_again);
    lks_text_release(&text);
    lks_config_destroy(again);
    lks_config_destroy(config);
  }
}

static void help_stands_above_each_key(void) {
  lks_config *config = make_config();
  lks_text text = {0};
  CHECK_OK(lks_config_expand(config, true, &text));
  CHECK_CONTAINS(text.data, "# the recurrent cell (rnn lstm gru)\ncell = lstm\n");
  CHECK_CONTAINS(text.data, "# the dataset\n# path = \n"); /* must be given: shown, not set */
  lks_text_release(&text);
  lks_config_destroy(config);
}

static void a_run_goes_on_with_equal_fixed_keys_only(void) {
  lks_config *before = make_config();
  lks_config *now = make_config();
  CHECK_OK(lks_config_set(before, "model.dropout=0.5"));
  CHECK_OK(lks_config_set(now, "model.dropout=.50"));
  CHECK_OK(lks_config_set(now, "train.epochs=99"));
  CHECK_OK(lks_config_check_resume(now, before));
  CHECK_OK(lks_config_set(now, "model.hidden=400"));
  CHECK_FAILS(lks_config_check_resume(now, before), LKS_USAGE,
              "[model] hidden was '200' when the run began and is '400' now");
  lks_config_destroy(now);
  lks_config_destroy(before);
}

static void a_key_that_the_old_run_did_not_know_must_have_been_absent(void) {
  lks_config *before = NULL;
  lks_config *now = make_config();
  CHECK_OK(lks_config_create(&before));
  CHECK_OK(lks_config_register(before, model_keys, 4));
  CHECK_FAILS(lks_config_check_resume(now, before), LKS_USAGE, "[train] clip was ''");
  lks_config_destroy(now);
  lks_config_destroy(before);
}

static void every_failed_allocation_is_reported(void) {
  size_t failures = 0;
  for (size_t n = 1; n < 200; n++) {
    lks_config *config = NULL;
    lks_text text = {0};
    lks_allocation_fail_at(n);
    lks_status status = lks_config_create(&config);
    if (status == LKS_OK)
      status = lks_config_register(config, model_keys, 4);
    if (status == LKS_OK)
      status = lks_config_read_text(config, "[model]\nhidden = 3\ncell = gru\n", "x.ini");
    if (status == LKS_OK)
      status = lks_config_expand(config, true, &text);
    failures += status == LKS_NO_MEMORY;
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
    lks_text_release(&text);
    lks_config_destroy(config);
  }
  lks_allocation_fail_at(0);
  CHECK(failures > 10 && failures < 199); /* some fail, the last ones do not */
}

const lks_test config_tests[] = {
    TEST(defaults_hold_until_something_is_given),
    TEST(numbers_are_brought_to_one_form),
    TEST(wrong_assignments_say_what_is_wrong),
    TEST(a_value_from_within_is_taken_as_it_is),
    TEST(keys_that_must_be_given_are_named),
    TEST(expansion_lists_every_key_once_by_section),
    TEST(expansion_reads_back_to_itself),
    TEST(help_stands_above_each_key),
    TEST(a_run_goes_on_with_equal_fixed_keys_only),
    TEST(a_key_that_the_old_run_did_not_know_must_have_been_absent),
    TEST(every_failed_allocation_is_reported),
    TEST_END,
};
