/* io_thread.h - a thread beside the others, for work on files: in a training the only one
 * that calls HDF5.
 *
 * Jobs run one after another in the order they were handed in.  A job's failure
 * (status and message) reaches whoever waits for it.
 *
 * Life cycle: create -> submit / wait … -> destroy (which finishes the queue). */
#ifndef LOCKSTEP_IO_IO_THREAD_H
#define LOCKSTEP_IO_IO_THREAD_H

#include <lockstep/status.h>

#include <stdbool.h>

typedef struct lks_io_thread lks_io_thread;

/* A piece of work; the struct belongs to the caller and stays until it was waited
 * for.  It starts zeroed but for run and context.  Nothing is allocated by submit or
 * wait. */
typedef struct lks_io_job {
  lks_status (*run)(void *context);
  void *context;
  struct lks_io_job *next; /* the rest is the thread's */
  int state;
  lks_status status;
  char message[1024];
} lks_io_job;

/* Fails with LKS_NO_MEMORY, and with LKS_IO when no thread can be started. */
lks_status lks_io_thread_create(lks_io_thread **thread);
void lks_io_thread_destroy(lks_io_thread *thread);

/* Queues `job`; its run and context are set.  A job may be submitted again after a wait. */
void lks_io_submit(lks_io_thread *thread, lks_io_job *job);

/* Waits for a submitted job; its failure becomes the caller's: the status is returned
 * and lks_error_message() is the job's.  May be called again, by any thread. */
lks_status lks_io_wait(lks_io_thread *thread, lks_io_job *job);

/* Whether a submitted job has finished, so that lks_io_wait would not wait. */
bool lks_io_is_done(lks_io_thread *thread, lks_io_job *job);

/* submit + wait. */
lks_status lks_io_run(lks_io_thread *thread, lks_status (*run)(void *context), void *context);

#endif
