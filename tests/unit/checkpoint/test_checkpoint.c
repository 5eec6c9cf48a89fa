/* SPDX-License-Identifier: Apache-2.0 */
/* test_checkpoint.c - a state comes back bit for bit, or not at all. */
#include "base/memory.h"
#include "check.h"
#include "checkpoint/checkpoint.h"
#include "sample_state.h"
#include "temporary_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static lks_temporary_folder folder;
static sample_state saved, loaded;

static const char *save(const char *name) {
  const char *path = lks_temporary_path(&folder, name);
  sample_state_fill(&saved, 12345);
  CHECK_OK(lks_checkpoint_save(path, &saved.checkpoint));
  return path;
}

static bool holds_same_tensors(const sample_state *a, const sample_state *b) {
  return memcmp(a, b, offsetof(sample_state, tensors)) == 0;
}

static void release_texts(sample_state *state) {
  lks_release(state->values[2].text);
  lks_release(state->values[3].text);
}

static void a_state_comes_back_bit_for_bit(void) {
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  sample_state_fill(&loaded, 0);
  CHECK_OK(lks_checkpoint_check(path));
  CHECK_OK(lks_checkpoint_load(path, &loaded.checkpoint));
  CHECK(holds_same_tensors(&loaded, &saved));
  CHECK(loaded.values[0].integer == saved.values[0].integer);
  CHECK(loaded.values[1].real == saved.values[1].real);
  CHECK_TEXT(loaded.values[2].text, saved.values[2].text);
  CHECK_TEXT(loaded.values[3].text, "");
  release_texts(&loaded);
  CHECK_EQUAL(lks_temporary_count(&folder), 1);
  lks_temporary_folder_destroy(&folder);
}

static void equal_states_give_equal_files(void) {
  size_t first_bytes = 0, second_bytes = 0;
  lks_temporary_folder_create(&folder);
  char *first = lks_test_read_file(save("a.h5"), &first_bytes);
  char *second = lks_test_read_file(save("b.h5"), &second_bytes);
  CHECK(first_bytes == second_bytes && first && second &&
        memcmp(first, second, first_bytes) == 0);
  free(first);
  free(second);
  lks_temporary_folder_destroy(&folder);
}

/* Loads with tensor 0 changed by the caller; nothing may have been read. */
static void check_refused(const char *path, const char *message) {
  static sample_state before;
  before = loaded;
  CHECK_FAILS(lks_checkpoint_load(path, &loaded.checkpoint), LKS_SHAPE, message);
  CHECK(holds_same_tensors(&loaded, &before));
  CHECK(loaded.values[2].text == NULL);
}

static void load_names_the_tensor_that_does_not_fit(void) {
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  sample_state_fill(&loaded, 0);
  loaded.tensors[0].shape = lks_shape_2(500, 600);
  check_refused(path, "c.h5: tensor 'parameters/lstm.weight_ih_l0': expected f32 [500, 600], "
                      "found f32 [600, 500]\n  hint: ");
  sample_state_fill(&loaded, 0);
  loaded.tensors[2].type = LKS_F32;
  check_refused(path, "'optimizer/moment.lstm.bias': expected f32 [2, 3], found f64 [2, 3]");
  sample_state_fill(&loaded, 0);
  loaded.tensors[1].name = "parameters/lstm.bias_ih";
  check_refused(path, "tensor 'parameters/lstm.bias_ih': expected f32 [7], found none");
  sample_state_fill(&loaded, 0);
  loaded.tensors[1] = loaded.tensors[0];
  check_refused(path, "'parameters/lstm.bias': expected none of that name, found f32 [7]");
  lks_temporary_folder_destroy(&folder);
}

static void tensors_of_other_groups_are_not_asked_for(void) {
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  sample_state_fill(&loaded, 0);
  loaded.checkpoint.tensor_count = 2;
  loaded.checkpoint.value_count = 1;
  CHECK_OK(lks_checkpoint_load(path, &loaded.checkpoint));
  CHECK(memcmp(loaded.weight, saved.weight, sizeof saved.weight) == 0);
  CHECK(loaded.moment[0][0] == 0);
  lks_temporary_folder_destroy(&folder);
}

static void values_are_found_by_name_and_kind(void) {
  lks_named_value step = {.name = "step", .kind = LKS_VALUE_INTEGER};
  lks_named_value text = {.name = "config", .kind = LKS_VALUE_TEXT};
  lks_named_value wrong = {.name = "config", .kind = LKS_VALUE_REAL};
  lks_named_value none = {.name = "nothing", .kind = LKS_VALUE_REAL};
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  CHECK_OK(lks_checkpoint_read_value(path, &step));
  CHECK(step.integer == INT64_MAX - 12345);
  CHECK_OK(lks_checkpoint_read_value(path, &text));
  CHECK_TEXT(text.text, saved.values[2].text);
  lks_release(text.text);
  CHECK_FAILS(lks_checkpoint_read_value(path, &wrong), LKS_DATA,
              "'config' of 'values': expected a real number, found a text");
  CHECK_FAILS(lks_checkpoint_read_value(path, &none), LKS_DATA,
              "expected an attribute 'nothing'");
  sample_state_fill(&loaded, 0);
  loaded.values[3].name = "missing";
  CHECK_FAILS(lks_checkpoint_load(path, &loaded.checkpoint), LKS_DATA, "'missing'");
  CHECK(loaded.values[2].text == NULL && loaded.weight[0][0] == 0);
  lks_temporary_folder_destroy(&folder);
}

static lks_status list_tensor(void *context, const char *name, lks_type type,
                              const lks_shape *shape) {
  char *to = context;
  (void)snprintf(to + strlen(to), 512 - strlen(to), "%s %s %zu\n", name, lks_type_text(type),
                 lks_shape_count(shape));
  return LKS_OK;
}

static lks_status list_value(void *context, const lks_named_value *value) {
  char *to = context;
  (void)snprintf(to + strlen(to), 512 - strlen(to), "%s %d %s\n", value->name, (int)value->kind,
                 value->kind == LKS_VALUE_TEXT ? value->text : "");
  return LKS_OK;
}

static void visit_lists_everything_in_order(void) {
  char text[512] = "";
  lks_temporary_folder_create(&folder);
  CHECK_OK(lks_checkpoint_visit(save("c.h5"), list_tensor, list_value, text));
  CHECK_TEXT(text, "optimizer/moment.lstm.bias f64 6\n"
                   "parameters/lstm.bias f32 7\n"
                   "parameters/lstm.weight_ih_l0 f32 300000\n"
                   "state/bytes u8 4\n"
                   "state/empty f32 0\n"
                   "best loss 1 \n"
                   "config 2 [train]\nseed = 1 # größe\n\n"
                   "note 2 \n"
                   "step 0 \n");
  lks_temporary_folder_destroy(&folder);
}

static void bad_tensor_names_are_refused(void) {
  const char *const names[] = {"lonely", "a/b/c", "/a", "a/", "values/x", "a/\n", ""};
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    sample_state_fill(&loaded, 1);
    loaded.tensors[4].name = names[i];
    CHECK_FAILS(lks_checkpoint_save(path, &loaded.checkpoint), LKS_USAGE,
                "c.h5: expected a tensor name 'group/name'");
    CHECK_EQUAL(lks_temporary_count(&folder), 1);
  }
  CHECK_OK(lks_checkpoint_check(path));
  lks_temporary_folder_destroy(&folder);
}

static void load_rejects_damaged_and_truncated_files(void) {
  size_t bytes = 0;
  unsigned char value;
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  free(lks_test_read_file(path, &bytes));
  sample_state_fill(&loaded, 0);
  int descriptor = open(path, O_RDWR);
  for (uint64_t byte = 0; byte < bytes; byte += byte < 4096 ? 61 : 50021) {
    CHECK(pread(descriptor, &value, 1, (off_t)byte) == 1);
    value ^= 0x10;
    CHECK(pwrite(descriptor, &value, 1, (off_t)byte) == 1);
    CHECK_FAILS(lks_checkpoint_load(path, &loaded.checkpoint), LKS_DATA, "c.h5: expected");
    value ^= 0x10;
    CHECK(pwrite(descriptor, &value, 1, (off_t)byte) == 1);
  }
  CHECK_OK(lks_checkpoint_check(path));
  CHECK(ftruncate(descriptor, (off_t)bytes - 1) == 0);
  CHECK_FAILS(lks_checkpoint_load(path, &loaded.checkpoint), LKS_DATA, "cut short");
  (void)close(descriptor);
  lks_temporary_folder_destroy(&folder);
}

/* In a process of its own, which ends as programs do: HDF5 cleans up at exit, and
 * must have nothing to stumble over. */
static int save_under_limit(const char *path, rlim_t limit) {
  pid_t child = fork();
  int state = -1;
  if (child == 0) {
    struct rlimit most = {limit, limit};
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &most);
    lks_status first = lks_checkpoint_save(path, &loaded.checkpoint);
    bool clear = strstr(lks_error_message(), "File too large\n  hint: make room") != NULL;
    lks_status second = lks_checkpoint_save(path, &loaded.checkpoint);
    if (first == LKS_OK)
      exit(0);
    exit(first == LKS_IO && second == LKS_IO && clear ? 1 : 2);
  }
  return child > 0 && waitpid(child, &state, 0) == child && WIFEXITED(state)
             ? WEXITSTATUS(state)
             : -1;
}

static void a_full_disk_leaves_the_old_checkpoint(void) {
  size_t bytes = 0, now = 0;
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  char *before = lks_test_read_file(path, &bytes);
  sample_state_fill(&loaded, 99);
  for (rlim_t limit = 0; limit < bytes; limit += limit < 8192 ? 1009 : 200003) {
    CHECK_EQUAL(save_under_limit(path, limit), 1);
    char *after = lks_test_read_file(path, &now);
    CHECK(now == bytes && after && memcmp(after, before, bytes) == 0);
    free(after);
    CHECK_EQUAL(lks_temporary_count(&folder), 1);
  }
  CHECK_EQUAL(save_under_limit(path, bytes - 1), 1);
  CHECK_EQUAL(save_under_limit(path, bytes), 0);
  CHECK_OK(lks_checkpoint_check(path));
  free(before);
  lks_temporary_folder_destroy(&folder);
}

static void a_folder_that_cannot_be_written_is_named(void) {
  lks_temporary_folder_create(&folder);
  save("c.h5");
  CHECK_FAILS(lks_checkpoint_save(lks_temporary_path(&folder, "c.h5/x.h5"), &saved.checkpoint),
              LKS_IO, "c.h5/x.h5.tmp-");
  CHECK_CONTAINS(lks_error_message(), "Not a directory");
  CHECK_FAILS(lks_checkpoint_save(lks_temporary_path(&folder, "none/x.h5"), &saved.checkpoint),
              LKS_IO, "No such file or directory");
  lks_temporary_folder_destroy(&folder);
}

static lks_status save_load_and_digest(const char *path) {
  lks_digest digest;
  lks_status status = lks_checkpoint_save(path, &saved.checkpoint);
  if (status == LKS_OK)
    status = lks_checkpoint_load(path, &loaded.checkpoint);
  if (status == LKS_OK)
    release_texts(&loaded);
  if (status == LKS_OK)
    status = lks_checkpoint_digest(saved.tensors, SAMPLE_TENSORS, &digest);
  if (status == LKS_OK)
    status = lks_checkpoint_file_digest(path, true, &digest);
  return status;
}

static void running_out_of_memory_is_told_and_nothing_leaks(void) {
  lks_temporary_folder_create(&folder);
  const char *path = save("c.h5");
  sample_state_fill(&saved, 1);
  sample_state_fill(&loaded, 0);
  saved.tensors[0].shape = loaded.tensors[0].shape = lks_shape_2(3, 5);
  CHECK_OK(save_load_and_digest(path));
  int before = dup(0), after;
  (void)close(before);
  lks_status status = LKS_NO_MEMORY;
  size_t n = 1;
  for (; status != LKS_OK && n < 1000; n++) {
    lks_allocation_fail_at(n);
    status = save_load_and_digest(path);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
    CHECK_EQUAL(lks_temporary_count(&folder), 1);
  }
  CHECK(n > 50 && n < 1000);
  after = dup(0);
  (void)close(after);
  CHECK_EQUAL(after, before);
  lks_temporary_folder_destroy(&folder);
}

const lks_test checkpoint_tests[] = {
    TEST(a_state_comes_back_bit_for_bit),
    TEST(equal_states_give_equal_files),
    TEST(load_names_the_tensor_that_does_not_fit),
    TEST(tensors_of_other_groups_are_not_asked_for),
    TEST(values_are_found_by_name_and_kind),
    TEST(visit_lists_everything_in_order),
    TEST(bad_tensor_names_are_refused),
    TEST(load_rejects_damaged_and_truncated_files),
    TEST(a_full_disk_leaves_the_old_checkpoint),
    TEST(a_folder_that_cannot_be_written_is_named),
    TEST(running_out_of_memory_is_told_and_nothing_leaks),
    TEST_END,
};
