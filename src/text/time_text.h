/* time_text.h - times as tables write them, and how to tell which way they are written.
 *
 * Formats differ in the order of their parts; within one, separators and the time of day
 * may differ from row to row:
 *
 *   ymd     2016-07-01, 2016/7/1, 20160701, 2016-07, 2016
 *   dmy     01.07.2016, 1/7/2016, 1-7-2016
 *   mdy     07/01/2016, 7-1-2016
 *   epoch   seconds since 1970
 *   number  whole numbers that count rows
 *
 * The first three may have a time of day behind T or a blank: 13:00, 13:00:00, 1:00 PM,
 * whole seconds, with Z or an offset from UTC like +02:00.  Times are those of the clock,
 * as written: a day begins at its local midnight, and no offset is subtracted. */
#ifndef LOCKSTEP_TEXT_TIME_TEXT_H
#define LOCKSTEP_TEXT_TIME_TEXT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  LKS_TIME_YMD,
  LKS_TIME_DMY,
  LKS_TIME_MDY,
  LKS_TIME_EPOCH,
  LKS_TIME_NUMBER,
  LKS_TIME_FORMAT_COUNT
} lks_time_format;

/* Fails with LKS_USAGE when there is no format of that name. */
lks_status lks_time_format_find(const char *name, lks_time_format *format);

/* The name that lks_time_format_find finds. */
const char *lks_time_format_name(lks_time_format format);

/* How such a time looks, for messages. */
const char *lks_time_format_example(lks_time_format format);

/* Seconds since 1970 (calendar.h), or the number; false when `text` is not of the format. */
bool lks_time_read(const char *text, lks_time_format format, int64_t *time);

/* The same; *offset is by how many seconds the clock is ahead of UTC, 0 when the text does
 * not say. */
bool lks_time_read_offset(const char *text, lks_time_format format, int64_t *time, int *offset);

/* The formats that `text` can be of, as a set of bits 1 << format. */
unsigned lks_time_formats_of(const char *text);

/* Whether it is surely a time: a date with separators. */
bool lks_time_is_date(const char *text);

/* The format to choose of a set that is not empty; false when it can be dmy as well as
 * mdy. */
bool lks_time_format_choose(unsigned formats, lks_time_format *format);

#endif
