/* status.h - what a call came to, and the words for it.
 *
 * Every fallible function returns an lks_status; results go through its last
 * pointer arguments.  When the status is not LKS_OK, lks_error_message() tells
 * where it happened, what was expected, what was found and what to do.
 *
 * The message belongs to the calling thread and lives until the next failure. */
#ifndef LOCKSTEP_STATUS_H
#define LOCKSTEP_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef LKS_API
#define LKS_API __attribute__((visibility("default")))
#endif

/* name, text, exit code of the program */
#define LKS_STATUS_LIST(X)                                                                     \
  X(OK, "success", 0)                                                                          \
  X(USAGE, "wrong use", 2)                                                                     \
  X(SHAPE, "shapes disagree", 3)                                                               \
  X(DATA, "bad data", 3)                                                                       \
  X(NO_MEMORY, "out of memory", 1)                                                             \
  X(IO, "input or output failed", 1)                                                           \
  X(COMM, "communication between ranks failed", 1)                                             \
  X(DIVERGED, "training diverged", 1)                                                          \
  X(PEER, "another rank failed", 1)

typedef enum {
#define LKS_STATUS_ENUM(name, text, code) LKS_##name,
  LKS_STATUS_LIST(LKS_STATUS_ENUM)
#undef LKS_STATUS_ENUM
} lks_status;

/* The status in words, e.g. "bad data". */
LKS_API const char *lks_status_text(lks_status status);

/* The exit code of a program that ends with `status`: 0 success, 1 failure
 * while running, 2 wrong use, 3 bad data. */
LKS_API int lks_status_exit_code(lks_status status);

/* The calling thread's last failure: message and, after "\n  hint: ", advice. */
LKS_API const char *lks_error_message(void);

/* The calls the failure passed through, one "file:line function" a line. */
LKS_API const char *lks_error_trail(void);

#ifdef __cplusplus
}
#endif
#endif
