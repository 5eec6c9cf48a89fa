/* number_text.h - numbers and missing values as tables write them. */
#ifndef LOCKSTEP_TEXT_NUMBER_TEXT_H
#define LOCKSTEP_TEXT_NUMBER_TEXT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>

typedef enum {
  LKS_NUMBER_FINITE,
  LKS_NUMBER_INFINITE, /* "inf", or out of the range of f64 */
  LKS_NUMBER_NONE      /* not a number */
} lks_number_kind;

/* text[0..bytes), behind which stands a zero byte, as the nearest f64.  A sign, digits,
 * `point` and an exponent; no blanks, no hexadecimal, no separators of thousands. */
lks_number_kind lks_number_read(const char *text, size_t bytes, char point, double *value);

/* Whether only separators of thousands keep text[0..bytes) from being a number: "1,022",
 * "1 022 333.5"; with the point ',' "1.022,5". */
bool lks_number_is_grouped(const char *text, size_t bytes, char point);

/* Whether a line is two whole numbers, "400000 100": the first one of some files of word
 * vectors says how many they are and how wide. */
bool lks_number_is_heading(const char *line);

/* Texts that stand for a missing value, besides the empty one. */
typedef struct {
  char *text; /* the list, with zero bytes for its commas */
  const char **entry;
  size_t *bytes;
  size_t count;
} lks_missing_list;

/* From "NA,null,-999"; NULL: the usual ones, which are LKS_MISSING_USUAL. */
#define LKS_MISSING_USUAL "NA,NaN,nan,null,?,-"
lks_status lks_missing_create(lks_missing_list *missing, const char *list);
void lks_missing_release(lks_missing_list *missing);
bool lks_missing_has(const lks_missing_list *missing, const char *text, size_t bytes);

#endif
