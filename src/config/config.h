/* config.h - one INI file describes a run.
 *
 * Every layer registers its own keys with type, default and a line of help; the
 * file, then --set SECTION.KEY=VALUE, give values.  An unknown section or key is
 * an error with the closest match; so is a value of the wrong type, outside its
 * range, or not among its choices.  The expanded configuration (every key, in
 * order) is saved beside the results and is what a run is compared by.
 *
 * Life cycle: create -> register … -> read -> set … -> get … -> destroy. */
#ifndef LOCKSTEP_CONFIG_CONFIG_H
#define LOCKSTEP_CONFIG_CONFIG_H

#include "base/text.h"

typedef enum {
  LKS_KEY_INTEGER,
  LKS_KEY_REAL,
  LKS_KEY_BOOL, /* yes, no */
  LKS_KEY_TEXT,
  LKS_KEY_CHOICE, /* one of `choices` */
  LKS_KEY_PATH    /* relative to the folder of the INI file; kept absolute */
} lks_key_type;

/* Where a key may differ between a run and its continuation. */
typedef enum { LKS_KEY_FIXED, LKS_KEY_FREE } lks_key_resume;

typedef struct {
  const char *section;
  const char *key;
  lks_key_type type;
  const char *value;   /* default; NULL: must be given */
  const char *choices; /* "lstm gru rnn", or NULL */
  double minimum;      /* of numbers; minimum > maximum: no range */
  double maximum;
  lks_key_resume resume;
  const char *help; /* one line */
} lks_key;

typedef struct lks_config lks_config;

lks_status lks_config_create(lks_config **config);
void lks_config_destroy(lks_config *config);

/* Adds keys[0..count), borrowed for ever (they are static tables).  Fails with LKS_NO_MEMORY; a
 * key that is there already is asserted. */
lks_status lks_config_register(lks_config *config, const lks_key *keys, size_t count);

/* Another default for a key, before anything is read: what a task means by it.  That the key
 * is registered and has no value yet is asserted. */
lks_status lks_config_default(lks_config *config, const char *section, const char *key,
                              const char *value);

/* Reads an INI file; its relative paths are resolved against its folder.  Fails
 * with LKS_IO when it cannot be read, and with LKS_USAGE when it is a folder or a pipe, is
 * no INI text or gives what it may not: "run.ini:12: unknown key 'hiden' in [model]; did you
 * mean 'hidden'? known: …". */
lks_status lks_config_read(lks_config *config, const char *path);

/* The same from memory; `name` stands for the path in messages, and relative
 * paths are resolved against the working folder. */
lks_status lks_config_read_text(lks_config *config, const char *text, const char *name);

/* Copies the value of one key to *value (lks_release it; NULL when it is not given),
 * whatever keys the file holds besides: for the key that says which keys there are. */
lks_status lks_config_peek(const char *path, const char *section, const char *key,
                           char **value);
lks_status lks_config_peek_text(const char *text, const char *name, const char *section,
                                const char *key, char **value);

/* One "section.key=value", as after --set; a relative path is resolved against
 * the working folder. */
lks_status lks_config_set(lks_config *config, const char *assignment);

/* One value from within the program, which no file will hold: a text is taken as it
 * is, spaces around it and " ;" too.  `where` begins the message, "--prompt".  Fails with
 * LKS_USAGE for a value that its key does not allow and for a text that is not UTF-8. */
lks_status lks_config_put(lks_config *config, const char *section, const char *key,
                          const char *value, const char *where);

/* Fails with LKS_USAGE naming the keys that must be given and are not; `name` is that of
 * the file, for the message. */
lks_status lks_config_check(const lks_config *config, const char *name);

/* Values.  Asking for a key that nobody registered is a programmer's mistake. */
int64_t lks_config_integer(const lks_config *config, const char *section, const char *key);
double lks_config_real(const lks_config *config, const char *section, const char *key);
bool lks_config_bool(const lks_config *config, const char *section, const char *key);
const char *lks_config_text(const lks_config *config, const char *section, const char *key);
bool lks_config_is_given(const lks_config *config, const char *section, const char *key);

/* Appends the expanded configuration as INI text; with help, each key's line above it. */
lks_status lks_config_expand(const lks_config *config, bool help, lks_text *text);

/* Fails with LKS_USAGE unless all keys that are LKS_KEY_FIXED have equal values,
 * naming section, key and both values. */
lks_status lks_config_check_resume(const lks_config *now, const lks_config *before);

#endif
