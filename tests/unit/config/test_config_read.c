/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_read.c - INI files, good and bad. */
#include "base/memory.h"
#include "check.h"
#include "config/config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", "rnn lstm gru", 1, 0, LKS_KEY_FIXED, "the cell"},
    {"model", "hidden", LKS_KEY_INTEGER, "200", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a layer"},
    {"data", "path", LKS_KEY_PATH, "", NULL, 1, 0, LKS_KEY_FREE, "the dataset"},
    {"data", "note", LKS_KEY_TEXT, "", NULL, 1, 0, LKS_KEY_FREE, "words about the run"},
};

static lks_config *make_config(void) {
  lks_config *config = NULL;
  CHECK_OK(lks_config_create(&config));
  CHECK_OK(lks_config_register(config, keys, sizeof keys / sizeof *keys));
  return config;
}

static void comments_spaces_and_line_ends_do_not_matter(void) {
  lks_config *config = make_config();
  CHECK_OK(lks_config_read_text(config,
                                "\xEF\xBB\xBF# a run\r\n\r\n  [model]\r\n"
                                "  hidden = 64 ; small\r\n; old\r\ncell:gru\r\n"
                                "[data]\r\nnote = a;b # c",
                                "run.ini"));
  CHECK_EQUAL(lks_config_integer(config, "model", "hidden"), 64);
  CHECK_TEXT(lks_config_text(config, "model", "cell"), "gru");
  CHECK_TEXT(lks_config_text(config, "data", "note"), "a;b # c");
  lks_config_destroy(config);
}

static void an_error_names_file_and_line(void) {
  const struct {
    const char *text;
    const char *message;
  } cases[] = {
      {"[model]\n\n# x\nhiden = 3\n",
       "run.ini:4: unknown key 'hiden' in [model]; did you mean 'hidden'? known: cell, hidden"},
      {"[modle]\nhidden = 3\n", "run.ini:2: unknown section [modle]; did you mean 'model'?"},
      {"hidden = 3\n", "run.ini:1: key 'hidden' stands before any [section]"},
      {"[model]\nhidden = many\n", "run.ini:2: [model] hidden: expected a whole number"},
      {"[model]\nhidden = 3\n  4\n",
       "run.ini:3: expected 'key = value', '[section]' or '# comm"},
      {"[model]\nhidden = 3\n[data]\nnote\n", "run.ini:4: expected 'key = value'"},
      {"[model\nhidden = 3\n", "run.ini:1: expected ']'"},
      {"[model]\nhidden = 3\n\n[data]\n[model]\nhidden = 4\n",
       "run.ini:6: [model] hidden is given twice, first on line 2"},
      {"[model]\ncell = ltsm", "run.ini:2: [model] cell: unknown choice 'ltsm'; did you mean"},
      {"[data]\n\nnote = \xC3(\n", "run.ini:3: expected UTF-8, found byte 0xc3"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_config *config = make_config();
    CHECK_FAILS(lks_config_read_text(config, cases[i].text, "run.ini"), LKS_USAGE,
                cases[i].message);
    lks_config_destroy(config);
  }
}

static void a_second_file_may_give_a_key_again(void) {
  lks_config *config = make_config();
  CHECK_OK(lks_config_read_text(config, "[model]\nhidden = 3\n", "one.ini"));
  CHECK_OK(lks_config_read_text(config, "[model]\nhidden = 4\n", "two.ini"));
  CHECK_EQUAL(lks_config_integer(config, "model", "hidden"), 4);
  lks_config_destroy(config);
}

static void an_empty_file_gives_nothing(void) {
  lks_config *config = make_config();
  CHECK_OK(lks_config_read_text(config, "", "run.ini"));
  CHECK_OK(lks_config_read_text(config, "\n\n", "run.ini"));
  CHECK(!lks_config_is_given(config, "model", "hidden"));
  lks_config_destroy(config);
}

/* libinih's own limit, 200 bytes, must not cut a path. */
static void long_lines_are_read_whole_and_longer_ones_refused(void) {
  static char text[40000];
  lks_config *config = make_config();
  strcpy(text, "[data]\nnote = ");
  size_t start = strlen(text);
  memset(text + start, 'x', 10000);
  CHECK_OK(lks_config_read_text(config, text, "run.ini"));
  CHECK_EQUAL(strlen(lks_config_text(config, "data", "note")), 10000);
  memset(text + start, 'x', 20000);
  CHECK_FAILS(lks_config_read_text(config, text, "run.ini"), LKS_USAGE,
              "run.ini:2: expected a shorter line");
  memset(text, 'y', 80);
  text[0] = '[';
  memcpy(text + 80, "]\nhidden = 3\n", 14);
  CHECK_FAILS(lks_config_read_text(config, text, "run.ini"), LKS_USAGE,
              "run.ini:1: expected a shorter line");
  lks_config_destroy(config);
}

static void write_file(const char *path, const char *data, size_t bytes) {
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(data, 1, bytes, file) == bytes);
  if (file)
    (void)fclose(file);
}

/* The path of the configuration must be that of `relative` in the working folder. */
static void check_path(const lks_config *config, const char *relative) {
  char here[2048];
  lks_text expected = {0};
  CHECK(getcwd(here, sizeof here) != NULL);
  CHECK_OK(lks_text_print(&expected, "%s/%s", here, relative));
  CHECK_TEXT(lks_config_text(config, "data", "path"), expected.data);
  lks_text_release(&expected);
}

static void paths_are_relative_to_the_folder_of_the_file(void) {
  const char ini[] = "[data]\npath = data/x.h5\n";
  const char absolute[] = "[data]\npath = /data/x.h5\n";
  lks_config *config = make_config();
  (void)mkdir("config_read_folder", 0777);
  write_file("config_read_folder/run.ini", ini, sizeof ini - 1);
  CHECK_OK(lks_config_read(config, "config_read_folder/run.ini"));
  check_path(config, "config_read_folder/data/x.h5");
  CHECK_OK(lks_config_read(config, "./config_read_folder/run.ini"));
  check_path(config, "config_read_folder/data/x.h5");
  CHECK_OK(lks_config_set(config, "data.path=y.h5"));
  check_path(config, "y.h5");
  write_file("config_read_folder/run.ini", absolute, sizeof absolute - 1);
  CHECK_OK(lks_config_read(config, "config_read_folder/run.ini"));
  CHECK_TEXT(lks_config_text(config, "data", "path"), "/data/x.h5");
  (void)unlink("config_read_folder/run.ini");
  (void)rmdir("config_read_folder");
  lks_config_destroy(config);
}

static void one_key_is_read_before_the_others_are_known(void) {
  const char ini[] = "[other]\ncell = x\n[task]\nkind = tag\n";
  char *value = NULL;
  CHECK_OK(lks_config_peek_text(ini, "run.ini", "task", "kind", &value));
  CHECK_TEXT(value, "tag");
  lks_release(value);
  CHECK_OK(lks_config_peek_text(ini, "run.ini", "model", "cell", &value));
  CHECK(value == NULL);
  write_file("config_read_peek.ini", ini, sizeof ini - 1);
  CHECK_OK(lks_config_peek("config_read_peek.ini", "other", "cell", &value));
  CHECK_TEXT(value, "x");
  lks_release(value);
  (void)unlink("config_read_peek.ini");
  CHECK_FAILS(lks_config_peek("config_read_peek.ini", "other", "cell", &value), LKS_USAGE,
              "cannot open it");
  CHECK_FAILS(lks_config_peek_text("[task\n", "run.ini", "task", "kind", &value), LKS_USAGE,
              "run.ini:1: expected ']'");
}

static void a_zero_byte_is_no_text(void) {
  const char ini[] = "[model]\nhidden = 3\n\0[data]\n";
  lks_config *config = make_config();
  write_file("config_read_zero.ini", ini, sizeof ini - 1);
  CHECK_FAILS(lks_config_read(config, "config_read_zero.ini"), LKS_USAGE,
              "config_read_zero.ini:3: found a zero byte");
  (void)unlink("config_read_zero.ini");
  lks_config_destroy(config);
}

static void a_file_that_cannot_be_read_is_named(void) {
  lks_config *config = make_config();
  CHECK_FAILS(lks_config_read(config, "no_such_folder/run.ini"), LKS_USAGE,
              "no_such_folder/run.ini: cannot open it: No such file");
  CHECK_FAILS(lks_config_read(config, "."), LKS_USAGE,
              ".: expected an INI file, found a folder");
  lks_config_destroy(config);
}

const lks_test config_read_tests[] = {
    TEST(comments_spaces_and_line_ends_do_not_matter),
    TEST(an_error_names_file_and_line),
    TEST(a_second_file_may_give_a_key_again),
    TEST(an_empty_file_gives_nothing),
    TEST(long_lines_are_read_whole_and_longer_ones_refused),
    TEST(paths_are_relative_to_the_folder_of_the_file),
    TEST(one_key_is_read_before_the_others_are_known),
    TEST(a_zero_byte_is_no_text),
    TEST(a_file_that_cannot_be_read_is_named),
    TEST_END,
};
