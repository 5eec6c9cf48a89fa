/* SPDX-License-Identifier: Apache-2.0 */
/* io_thread.c - one worker, one list of jobs, one lock.
 *
 * The jobs are a singly linked list in the callers' own structs, so handing in and
 * waiting allocate nothing.  One condition variable serves both sides: jobs are long
 * beside a wake-up, and few wait at a time.  The worker blocks all signals, which
 * are for the thread that trains. */
#include "io/io_thread.h"

#include "base/fail.h"
#include "base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { JOB_IDLE, JOB_QUEUED, JOB_DONE };

struct lks_io_thread {
  pthread_t worker;
  pthread_mutex_t lock;   /* over all below, and the state of every queued job */
  pthread_cond_t changed; /* a job came, or is done, or the end was asked for */
  lks_io_job *first;      /* the next to run */
  lks_io_job *last;
  bool ending;
};

/* The first of the list, which is not empty; called with the lock held. */
static lks_io_job *take_job(lks_io_thread *thread) {
  lks_io_job *job = thread->first;
  thread->first = job->next;
  if (!thread->first)
    thread->last = NULL;
  return job;
}

/* The message is copied before the lock is taken: it belongs to this thread. */
static void run_job(lks_io_job *job) {
  job->status = job->run(job->context);
  if (job->status != LKS_OK)
    (void)snprintf(job->message, sizeof job->message, "%s", lks_error_message());
}

/* Ends when it is told to and nothing is left to do. */
static void *work(void *context) {
  lks_io_thread *thread = context;
  (void)pthread_mutex_lock(&thread->lock);
  for (;;) {
    lks_io_job *job;
    while (!thread->first && !thread->ending)
      (void)pthread_cond_wait(&thread->changed, &thread->lock);
    if (!thread->first)
      break;
    job = take_job(thread);
    (void)pthread_mutex_unlock(&thread->lock);
    run_job(job);
    (void)pthread_mutex_lock(&thread->lock);
    job->state = JOB_DONE;
    (void)pthread_cond_broadcast(&thread->changed);
  }
  (void)pthread_mutex_unlock(&thread->lock);
  return NULL;
}

/* A thread starts with the signal mask of its creator. */
static int start_worker(lks_io_thread *thread) {
  sigset_t all, before;
  int error;
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&thread->worker, NULL, work, thread);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

lks_status lks_io_thread_create(lks_io_thread **thread) {
  int error;
  LKS_TRY(lks_allocate(thread, 1, sizeof **thread));
  (void)pthread_mutex_init(&(*thread)->lock, NULL);
  (void)pthread_cond_init(&(*thread)->changed, NULL);
  error = start_worker(*thread);
  if (error == 0)
    return LKS_OK;
  lks_release(*thread);
  *thread = NULL;
  return LKS_FAIL(LKS_IO, "cannot start the I/O thread: %s", strerror(error));
}

void lks_io_thread_destroy(lks_io_thread *thread) {
  if (!thread)
    return;
  (void)pthread_mutex_lock(&thread->lock);
  thread->ending = true;
  (void)pthread_cond_broadcast(&thread->changed);
  (void)pthread_mutex_unlock(&thread->lock);
  (void)pthread_join(thread->worker, NULL);
  (void)pthread_cond_destroy(&thread->changed);
  (void)pthread_mutex_destroy(&thread->lock);
  lks_release(thread);
}

void lks_io_submit(lks_io_thread *thread, lks_io_job *job) {
  LKS_ASSERT(job->state != JOB_QUEUED);
  job->next = NULL;
  job->state = JOB_QUEUED;
  job->status = LKS_OK;
  job->message[0] = 0;
  (void)pthread_mutex_lock(&thread->lock);
  if (thread->last)
    thread->last->next = job;
  else
    thread->first = job;
  thread->last = job;
  (void)pthread_cond_broadcast(&thread->changed);
  (void)pthread_mutex_unlock(&thread->lock);
}

/* The waiter gets a failure of its own with the job's message: messages belong to
 * threads. */
lks_status lks_io_wait(lks_io_thread *thread, lks_io_job *job) {
  (void)pthread_mutex_lock(&thread->lock);
  LKS_ASSERT(job->state != JOB_IDLE);
  while (job->state != JOB_DONE)
    (void)pthread_cond_wait(&thread->changed, &thread->lock);
  (void)pthread_mutex_unlock(&thread->lock);
  if (job->status != LKS_OK)
    return LKS_FAIL(job->status, "%s", job->message);
  return LKS_OK;
}

bool lks_io_is_done(lks_io_thread *thread, lks_io_job *job) {
  bool done;
  (void)pthread_mutex_lock(&thread->lock);
  done = job->state == JOB_DONE;
  (void)pthread_mutex_unlock(&thread->lock);
  return done;
}

/* The job may live on the stack, since nobody leaves before it is done. */
lks_status lks_io_run(lks_io_thread *thread, lks_status (*run)(void *context), void *context) {
  lks_io_job job = {.run = run, .context = context};
  lks_io_submit(thread, &job);
  LKS_TRY(lks_io_wait(thread, &job));
  return LKS_OK;
}
