/* SPDX-License-Identifier: Apache-2.0 */
/* config.c - the registered keys, their values, and the expanded text.
 *
 * A value is kept as normalised text and turned into a number when asked for:
 * what is compared, saved and used is then one and the same thing. */
#include "config/config.h"

#include "base/fail.h"
#include "base/memory.h"
#include "config/key_value.h"

#include <stdio.h>
#include <string.h>

lks_status lks_config_create(lks_config **config) {
  return lks_allocate(config, 1, sizeof **config);
}

void lks_config_destroy(lks_config *config) {
  if (!config)
    return;
  for (size_t i = 0; i < config->count; i++)
    lks_release(config->entry[i].value);
  lks_release(config->entry);
  lks_release(config);
}

lks_status lks_config_register(lks_config *config, const lks_key *keys, size_t count) {
  size_t needed = config->count + count;
  if (needed > config->capacity) {
    size_t capacity = 2 * needed;
    LKS_TRY(lks_reallocate(&config->entry, config->count, capacity, sizeof *config->entry));
    config->capacity = capacity;
  }
  for (size_t i = 0; i < count; i++) {
    const lks_key *key = &keys[i];
    LKS_ASSERT(!lks_key_value_find(config, key->section, key->key));
    lks_key_value *entry = &config->entry[config->count];
    *entry = (lks_key_value){.key = key};
    if (key->value)
      LKS_TRY(lks_key_value_assign(entry, key->value, "", "default value"));
    config->count++;
  }
  return LKS_OK;
}

lks_status lks_config_default(lks_config *config, const char *section, const char *key,
                              const char *value) {
  lks_key_value *entry = lks_key_value_find(config, section, key);
  LKS_ASSERT(entry && !entry->given);
  return lks_key_value_assign(entry, value, "", "default value");
}

lks_status lks_config_set(lks_config *config, const char *assignment) {
  const char *equals = strchr(assignment, '=');
  const char *dot = strchr(assignment, '.');
  lks_text name = {0}; /* "section" and "key", a zero byte after each */
  lks_text where = {0};
  lks_status status = LKS_OK;
  if (!equals || !dot || dot > equals || dot == assignment || dot + 1 == equals)
    return LKS_FAIL(LKS_USAGE, "--set %s: expected SECTION.KEY=VALUE, as in train.epochs=3",
                    assignment);
  size_t section_bytes = (size_t)(dot - assignment);
  LKS_TRY_OR(cleanup, status, lks_text_add(&name, assignment, (size_t)(equals - assignment)));
  LKS_TRY_OR(cleanup, status, lks_text_print(&where, "--set %s", assignment));
  name.data[section_bytes] = '\0';
  const char *key = name.data + section_bytes + 1;
  lks_key_value *entry = lks_key_value_find(config, name.data, key);
  if (!entry) {
    status = lks_key_value_unknown(config, name.data, key, where.data);
    goto cleanup;
  }
  LKS_TRY_OR(cleanup, status, lks_key_value_assign(entry, equals + 1, "", where.data));
  entry->given = true;
cleanup:
  lks_text_release(&where);
  lks_text_release(&name);
  return status;
}

lks_status lks_config_put(lks_config *config, const char *section, const char *key,
                          const char *value, const char *where) {
  lks_key_value *entry = lks_key_value_find(config, section, key);
  LKS_ASSERT(entry);
  if (entry->key->type != LKS_KEY_TEXT)
    return lks_key_value_assign(entry, value, "", where);
  size_t bytes = strlen(value);
  size_t valid = lks_text_check_utf8(value, bytes);
  if (valid < bytes)
    return LKS_FAIL(LKS_USAGE, "%s: expected UTF-8, found byte 0x%02x at offset %zu", where,
                    (unsigned char)value[valid], valid);
  char *copy = NULL;
  LKS_TRY(lks_copy_text(&copy, value));
  lks_release(entry->value);
  entry->value = copy;
  return LKS_OK;
}

lks_status lks_config_check(const lks_config *config, const char *name) {
  lks_text missing = {0};
  lks_status status = LKS_OK;
  for (size_t i = 0; i < config->count; i++) {
    const lks_key_value *entry = &config->entry[i];
    if (!entry->value)
      LKS_TRY_OR(cleanup, status,
                 lks_text_print(&missing, "%s[%s] %s (%s)", missing.bytes ? ", " : "",
                                entry->key->section, entry->key->key, entry->key->help));
  }
  if (missing.bytes)
    status = LKS_FAIL(LKS_USAGE,
                      "%s lacks %s\n  hint: add it to the INI file, or give "
                      "--set SECTION.KEY=VALUE",
                      name, missing.data);
cleanup:
  lks_text_release(&missing);
  return status;
}

/* The value of a key of `type`; both are the caller's own, so a mismatch is a mistake. */
static const char *value_of(const lks_config *config, const char *section, const char *key,
                            lks_key_type type) {
  const lks_key_value *entry = lks_key_value_find(config, section, key);
  LKS_ASSERT(entry && entry->key->type == type && entry->value);
  return entry->value;
}

int64_t lks_config_integer(const lks_config *config, const char *section, const char *key) {
  int64_t value = 0;
  LKS_ASSERT(lks_text_to_integer(value_of(config, section, key, LKS_KEY_INTEGER), &value));
  return value;
}

double lks_config_real(const lks_config *config, const char *section, const char *key) {
  double value = 0;
  LKS_ASSERT(lks_text_to_real(value_of(config, section, key, LKS_KEY_REAL), &value));
  return value;
}

bool lks_config_bool(const lks_config *config, const char *section, const char *key) {
  return strcmp(value_of(config, section, key, LKS_KEY_BOOL), "yes") == 0;
}

const char *lks_config_text(const lks_config *config, const char *section, const char *key) {
  const lks_key_value *entry = lks_key_value_find(config, section, key);
  LKS_ASSERT(entry && entry->value);
  return entry->value;
}

bool lks_config_is_given(const lks_config *config, const char *section, const char *key) {
  const lks_key_value *entry = lks_key_value_find(config, section, key);
  LKS_ASSERT(entry);
  return entry->given;
}

/* Appends one section: all keys that name it, wherever they were registered. */
static lks_status expand_section(const lks_config *config, const char *section, bool help,
                                 lks_text *text) {
  LKS_TRY(lks_text_print(text, "%s[%s]\n", text->bytes ? "\n" : "", section));
  for (size_t i = 0; i < config->count; i++) {
    const lks_key_value *entry = &config->entry[i];
    if (strcmp(entry->key->section, section) != 0)
      continue;
    if (help && entry->key->choices)
      LKS_TRY(lks_text_print(text, "# %s (%s)\n", entry->key->help, entry->key->choices));
    else if (help)
      LKS_TRY(lks_text_print(text, "# %s\n", entry->key->help));
    LKS_TRY(lks_text_print(text, "%s%s = %s\n", entry->value ? "" : "# ", entry->key->key,
                           entry->value ? entry->value : ""));
  }
  return LKS_OK;
}

lks_status lks_config_expand(const lks_config *config, bool help, lks_text *text) {
  for (size_t i = 0; i < config->count; i++) {
    const char *section = config->entry[i].key->section;
    bool is_first = true;
    for (size_t j = 0; j < i && is_first; j++)
      is_first = strcmp(config->entry[j].key->section, section) != 0;
    if (is_first)
      LKS_TRY(expand_section(config, section, help, text));
  }
  return LKS_OK;
}

lks_status lks_config_check_resume(const lks_config *now, const lks_config *before) {
  for (size_t i = 0; i < now->count; i++) {
    const lks_key_value *entry = &now->entry[i];
    const lks_key *key = entry->key;
    const lks_key_value *old = lks_key_value_find(before, key->section, key->key);
    const char *value = entry->value ? entry->value : "";
    const char *old_value = old && old->value ? old->value : "";
    if (key->resume == LKS_KEY_FIXED && strcmp(value, old_value) != 0)
      return LKS_FAIL(LKS_USAGE,
                      "[%s] %s was '%s' when the run began and is '%s' now\n  hint: a run goes "
                      "on with the values it began with; start another run to change it",
                      key->section, key->key, old_value, value);
  }
  return LKS_OK;
}
