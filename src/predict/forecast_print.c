/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_print.c - CSV for programs, JSON for others, a plot for people. */
#include "predict/forecast_print.h"

#include "predict/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLOT_SEEN = 45, PLOT_HEIGHT = 15, TEXT = 64 };

static const lks_series_table *table_of(const lks_forecast_printed *f) {
  return f->setup->table;
}

static const lks_series *series_of(const lks_forecast_printed *f) {
  return &table_of(f)->series[f->series];
}

/* A stored value in original units. */
static double original(const lks_forecast_printed *f, int d, double value) {
  const lks_series_fit *fit = &series_of(f)->fit[d];
  return fit->centre + fit->scale * value;
}

/* The time of the h-th row to forecast. */
static void print_time(const lks_forecast_printed *f, int h, char text[TEXT]) {
  lks_frequency frequency = table_of(f)->frequency;
  int64_t step = f->rows->first + f->origin + f->setup->lead + h;
  lks_calendar_print(frequency, lks_calendar_add(frequency, series_of(f)->start, step), text,
                     TEXT);
}

static const char *time_name(const lks_series_table *table) {
  return table->time_name[0] ? table->time_name : "row";
}

/* A name inside a CSV: in quotes where it needs them. */
static void print_field(FILE *out, const char *text) {
  if (!strpbrk(text, ",\"\n\r")) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"')
      fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

static void print_number(FILE *out, double value) {
  if (!isnan(value))
    fprintf(out, "%.7g", value);
}

void lks_forecast_print_header(FILE *out, const lks_forecast_setup *setup, bool has_actual) {
  const lks_series_table *table = setup->table;
  if (table->count > 1) {
    print_field(out, table->group_name[0] ? table->group_name : "series");
    fputc(',', out);
  }
  print_field(out, time_name(table));
  fputs(",column,forecast", out);
  if (setup->has_interval)
    fputs(",lower,upper", out);
  fputs(has_actual ? ",actual\n" : "\n", out);
}

void lks_forecast_print_csv(FILE *out, const lks_forecast_printed *f, bool has_actual) {
  const lks_forecast_setup *s = f->setup;
  char time[TEXT];
  for (int h = 0; h < s->horizon; h++)
    for (int d = 0; d < s->targets; d++) {
      const lks_forecast_value *value = &f->values[h * s->targets + d];
      if (table_of(f)->count > 1) {
        print_field(out, series_of(f)->name);
        fputc(',', out);
      }
      print_time(f, h, time);
      fprintf(out, "%s,", time);
      print_field(out, table_of(f)->column[d].name);
      fputc(',', out);
      print_number(out, original(f, d, value->point));
      if (s->has_interval) {
        fputc(',', out);
        print_number(out, original(f, d, value->lower));
        fputc(',', out);
        print_number(out, original(f, d, value->upper));
      }
      if (has_actual) {
        fputc(',', out);
        print_number(out, original(f, d, value->actual));
      }
      fputc('\n', out);
    }
}

static void print_text(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++)
    if (*text == '"' || *text == '\\')
      fprintf(out, "\\%c", *text);
    else if ((unsigned char)*text < 32)
      fprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
    else
      fputc(*text, out);
  fputc('"', out);
}

static void print_json_number(FILE *out, const char *name, double value) {
  if (!isnan(value))
    fprintf(out, ", \"%s\": %.7g", name, value);
}

void lks_forecast_print_json(FILE *out, const lks_forecast_printed *f) {
  const lks_forecast_setup *s = f->setup;
  char time[TEXT];
  for (int h = 0; h < s->horizon; h++)
    for (int d = 0; d < s->targets; d++) {
      const lks_forecast_value *value = &f->values[h * s->targets + d];
      print_time(f, h, time);
      fputs("{\"series\": ", out);
      print_text(out, series_of(f)->name);
      fputs(", \"time\": ", out);
      print_text(out, time);
      fputs(", \"column\": ", out);
      print_text(out, table_of(f)->column[d].name);
      print_json_number(out, "forecast", original(f, d, value->point));
      print_json_number(out, "lower", original(f, d, value->lower));
      print_json_number(out, "upper", original(f, d, value->upper));
      print_json_number(out, "actual", original(f, d, value->actual));
      fputs("}\n", out);
    }
}

static void fill_naive(const lks_forecast_printed *f, int d, int h, lks_plot_point *point) {
  const lks_forecast_setup *s = f->setup;
  double deviation, naive, seasonal;
  lks_naive_setup setup = {
      .history = f->window + d,
      .stride = (size_t)table_of(f)->columns,
      .rows = s->score_plan.history,
      .season = s->season,
      .rolling = LKS_FORECAST_ROLLING,
      .training_deviation = 1,
  };
  if (lks_naive_forecast(&setup, LKS_METHOD_NAIVE, s->lead + h, &naive, &deviation))
    point->naive = original(f, d, naive);
  if (s->season > 1 &&
      lks_naive_forecast(&setup, LKS_METHOD_SEASONAL_NAIVE, s->lead + h, &seasonal, &deviation))
    point->seasonal = original(f, d, seasonal);
}

void lks_forecast_print_plot(FILE *out, const lks_forecast_printed *f, int d) {
  const lks_forecast_setup *s = f->setup;
  lks_plot_point points[PLOT_SEEN + 1024];
  const lks_plot_point none = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  char title[256], start[TEXT], end[TEXT];
  int count = 0, rows = s->horizon < 1024 ? s->horizon : 1024;
  int seen = s->score_plan.history < PLOT_SEEN ? s->score_plan.history : PLOT_SEEN;
  for (int i = 0; i < seen; i++) {
    size_t row = (size_t)s->score_plan.history - (size_t)seen + (size_t)i;
    points[count] = none;
    points[count++].past =
        original(f, d, (double)f->window[row * (size_t)table_of(f)->columns + (size_t)d]);
  }
  for (int h = 0; h < rows; h++) {
    const lks_forecast_value *value = &f->values[h * s->targets + d];
    points[count] = none;
    points[count].forecast = original(f, d, value->point);
    points[count].lower = original(f, d, value->lower);
    points[count].upper = original(f, d, value->upper);
    points[count].actual = original(f, d, value->actual);
    fill_naive(f, d, h, &points[count]);
    count++;
  }
  print_time(f, 0, start);
  print_time(f, s->horizon - 1, end);
  snprintf(title, sizeof title, "%s%s%s, forecast from %s to %s", series_of(f)->name,
           series_of(f)->name[0] ? ": " : "", table_of(f)->column[d].name, start, end);
  lks_plot_print(out, title, points, count, PLOT_HEIGHT);
}
