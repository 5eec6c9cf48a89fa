/* key_value.h - one key of a configuration and the value it has (private to config). */
#ifndef LOCKSTEP_CONFIG_KEY_VALUE_H
#define LOCKSTEP_CONFIG_KEY_VALUE_H

#include "config/config.h"

typedef struct {
  const lks_key *key; /* borrowed for ever */
  char *value;        /* normalised; NULL: not given and without default */
  bool given;         /* by a file or by --set */
  size_t line;        /* where the file under way gives it, 0: not yet */
} lks_key_value;

struct lks_config {
  lks_key_value *entry;
  size_t count;
  size_t capacity;
};

/* Replaces the value by the normal form of `text`: equal values have equal
 * texts.  `where` begins the message, "run.ini:12"; A relative
 * path becomes absolute, seen from `folder`; "" is the working folder.  Fails with LKS_USAGE.
 */
lks_status lks_key_value_assign(lks_key_value *entry, const char *text, const char *folder,
                                const char *where);

/* The entry of section and key, or NULL. */
lks_key_value *lks_key_value_find(const lks_config *config, const char *section,
                                  const char *key);

/* The failure for a section or key that does not exist, with what is near. */
lks_status lks_key_value_unknown(const lks_config *config, const char *section, const char *key,
                                 const char *where);

#endif
