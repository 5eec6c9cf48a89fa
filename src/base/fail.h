/* fail.h - how a function says that it failed.
 *
 * LKS_FAIL starts a failure, LKS_TRY and LKS_TRY_OR pass one on and leave a
 * line of trail, LKS_ASSERT is for mistakes of the programmer.  A message says
 * where, what was expected and what was found; advice follows after
 * "\n  hint: " in the same text.
 *
 * Not for use inside a parallel region: check before, fail after. */
#ifndef LOCKSTEP_BASE_FAIL_H
#define LOCKSTEP_BASE_FAIL_H

#include <lockstep/status.h>

/* Records the message (at most 1 KB) for the calling thread; returns `status`. */
lks_status lks_fail(lks_status status, const char *file, int line, const char *function,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Adds a line to the trail of the failure under way; returns `status`. */
lks_status lks_fail_trail(lks_status status, const char *file, int line, const char *function);

/* Replaces the calling thread's message, keeping trail and status: for a
 * failure that was found by another thread or rank. */
void lks_fail_adopt(const char *message);

/* Prints rank and condition, then aborts the process. */
_Noreturn void lks_assert_failed(const char *condition, const char *file, int line);

#define LKS_FAIL(status, ...)                                                                  \
  ((void)lks_fail((status), __FILE__, __LINE__, __func__, __VA_ARGS__), (status))

#define LKS_TRY(call)                                                                          \
  do {                                                                                         \
    lks_status lks_try_status = (call);                                                        \
    if (lks_try_status != LKS_OK) {                                                            \
      (void)lks_fail_trail(lks_try_status, __FILE__, __LINE__, __func__);                      \
      return lks_try_status;                                                                   \
    }                                                                                          \
  } while (0)

#define LKS_TRY_OR(label, status, call)                                                        \
  do {                                                                                         \
    (status) = (call);                                                                         \
    if ((status) != LKS_OK) {                                                                  \
      (void)lks_fail_trail((status), __FILE__, __LINE__, __func__);                            \
      goto label;                                                                              \
    }                                                                                          \
  } while (0)

#define LKS_ASSERT(condition)                                                                  \
  ((condition) ? (void)0 : lks_assert_failed(#condition, __FILE__, __LINE__))

#endif
