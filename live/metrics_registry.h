// Counters, gauges and histograms, and their text form for Prometheus.
//
// A family has one name, one sentence, one set of label names and a series for each set of label
// values. The whole program updates its metrics from one thread, so nothing here locks.
// Source: the text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heat_scheduler {

// Values of a family's labels, in the order of their names.
using LabelValues = std::vector<std::string>;

class MetricFamily;

// The families of one program, in the order in which they were declared. Outlives them.
class MetricsRegistry {
 public:
  // Returns the text form of all families.
  std::string Text() const;

  const std::vector<const MetricFamily*>& families() const { return families_; }

 private:
  friend class MetricFamily;
  std::vector<const MetricFamily*> families_;
};

// What all families share: a name, a help sentence, label names, and a text form.
class MetricFamily {
 public:
  MetricFamily(MetricsRegistry& registry, std::string name, std::string help,
               std::vector<std::string> label_names)
      : name_(std::move(name)), help_(std::move(help)), label_names_(std::move(label_names)) {
    registry.families_.push_back(this);
  }
  virtual ~MetricFamily() = default;
  MetricFamily(const MetricFamily&) = delete;
  MetricFamily& operator=(const MetricFamily&) = delete;

  // Appends "# HELP", "# TYPE" and the samples, in the order of label values.
  void AppendText(std::string& out) const;

  const std::string& name() const { return name_; }
  const std::vector<std::string>& label_names() const { return label_names_; }
  // Returns "counter", "gauge" or "histogram".
  virtual std::string_view type() const = 0;
  // Returns the upper bounds of a histogram's buckets but the last, which has none; empty for any
  // other.
  virtual std::vector<double> bounds() const { return {}; }

 protected:
  virtual void AppendSamples(std::string& out) const = 0;
  // Appends `name<suffix>{labels} value` and a newline; `bound`, unless empty, is label "le".
  void AppendSample(std::string& out, std::string_view suffix, const LabelValues& labels,
                    std::string_view bound, double value) const;

 private:
  const std::string name_;
  const std::string help_;
  const std::vector<std::string> label_names_;
};

// Only rises.
class Counter final : public MetricFamily {
 public:
  using MetricFamily::MetricFamily;
  void Add(const LabelValues& labels, double by = 1) { values_[labels] += by; }
  // For a total that somebody else keeps; it must not fall.
  void Set(const LabelValues& labels, double total) { values_[labels] = total; }
  // Returns 0 for a series that is not there.
  double Get(const LabelValues& labels) const;

  std::string_view type() const override { return "counter"; }

 private:
  void AppendSamples(std::string& out) const override;
  std::map<LabelValues, double> values_;
};

// Goes up and down.
class Gauge final : public MetricFamily {
 public:
  using MetricFamily::MetricFamily;
  void Set(const LabelValues& labels, double value) { values_[labels] = value; }
  // Takes all series away.
  void Clear() { values_.clear(); }
  // Returns 0 for a series that is not there.
  double Get(const LabelValues& labels) const;

  std::string_view type() const override { return "gauge"; }

 private:
  void AppendSamples(std::string& out) const override;
  std::map<LabelValues, double> values_;
};

// Counts observations in buckets with upper bounds.
class Histogram final : public MetricFamily {
 public:
  // `bounds` rise; +Inf is added.
  Histogram(MetricsRegistry& registry, std::string name, std::string help,
            std::vector<std::string> label_names, std::vector<double> bounds)
      : MetricFamily(registry, std::move(name), std::move(help), std::move(label_names)),
        bounds_(std::move(bounds)) {}
  void Observe(const LabelValues& labels, double value);
  // Returns the number of observations of a series.
  std::uint64_t Count(const LabelValues& labels) const;
  std::string_view type() const override { return "histogram"; }
  std::vector<double> bounds() const override { return bounds_; }

 private:
  struct Series {
    std::vector<std::uint64_t> buckets;  // One a bound, not cumulative.
    std::uint64_t count = 0;
    double sum = 0;
  };
  void AppendSamples(std::string& out) const override;
  const std::vector<double> bounds_;
  std::map<LabelValues, Series> series_;
};

// Returns `count` bounds, the first `start`, each `factor` times the one before.
std::vector<double> ExponentialBounds(double start, double factor, int count);

}  // namespace heat_scheduler
