#include "live/metrics_registry.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace heat_scheduler {
namespace {

void AppendNumber(std::string& out, double value) {
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  HS_CHECK(error == std::errc{}, "a double has at most 24 characters");
  out.append(buffer, end);
}

// Label values escape quote, backslash and newline; help text only the last two.
void AppendEscaped(std::string& out, std::string_view text, bool quote) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quote && c == '"')) out += '\\';
      out += c;
    }
  }
}

}  // namespace

std::string MetricsRegistry::Text() const {
  std::string out;
  for (const MetricFamily* family : families_) family->AppendText(out);
  return out;
}

void MetricFamily::AppendText(std::string& out) const {
  out.append("# HELP ").append(name_).append(" ");
  AppendEscaped(out, help_, false);
  out.append("\n# TYPE ").append(name_).append(" ").append(type()).append("\n");
  AppendSamples(out);
}

void MetricFamily::AppendSample(std::string& out, std::string_view suffix,
                                const LabelValues& labels, std::string_view bound,
                                double value) const {
  HS_CHECK(labels.size() == label_names_.size(), name_);
  out.append(name_).append(suffix);
  char before = '{';
  const auto append_label = [&](std::string_view name, std::string_view text) {
    out.append(1, before).append(name).append("=\"");
    AppendEscaped(out, text, true);
    out += '"';
    before = ',';
  };
  for (std::size_t i = 0; i < labels.size(); ++i) append_label(label_names_[i], labels[i]);
  if (!bound.empty()) append_label("le", bound);
  if (before == ',') out += '}';
  out += ' ';
  AppendNumber(out, value);
  out += '\n';
}

double Counter::Get(const LabelValues& labels) const {
  const auto found = values_.find(labels);
  return found == values_.end() ? 0 : found->second;
}

void Counter::AppendSamples(std::string& out) const {
  for (const auto& [labels, value] : values_) AppendSample(out, "", labels, "", value);
}

double Gauge::Get(const LabelValues& labels) const {
  const auto found = values_.find(labels);
  return found == values_.end() ? 0 : found->second;
}

void Gauge::AppendSamples(std::string& out) const {
  for (const auto& [labels, value] : values_) AppendSample(out, "", labels, "", value);
}

void Histogram::Observe(const LabelValues& labels, double value) {
  Series& series = series_[labels];
  series.buckets.resize(bounds_.size());
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  if (bound != bounds_.end()) ++series.buckets[static_cast<std::size_t>(bound - bounds_.begin())];
  ++series.count;
  series.sum += value;
}

std::uint64_t Histogram::Count(const LabelValues& labels) const {
  const auto found = series_.find(labels);
  return found == series_.end() ? 0 : found->second.count;
}

void Histogram::AppendSamples(std::string& out) const {
  for (const auto& [labels, series] : series_) {
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      so_far += series.buckets[i];
      std::string bound;
      AppendNumber(bound, bounds_[i]);
      AppendSample(out, "_bucket", labels, bound, static_cast<double>(so_far));
    }
    AppendSample(out, "_bucket", labels, "+Inf", static_cast<double>(series.count));
    AppendSample(out, "_sum", labels, "", series.sum);
    AppendSample(out, "_count", labels, "", static_cast<double>(series.count));
  }
}

std::vector<double> ExponentialBounds(double start, double factor, int count) {
  std::vector<double> bounds;
  for (double bound = start; static_cast<int>(bounds.size()) < count; bound *= factor) {
    bounds.push_back(bound);
  }
  return bounds;
}

}  // namespace heat_scheduler
