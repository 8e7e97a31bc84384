#include "plugins/heat/heat_args.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "nlohmann/json.hpp"
#include "plugins/heat/temperature.h"
#include "scheduler/framework/args_reader.h"

namespace heat_scheduler {
namespace {

// Returns true if the text can be an annotation's key: a name, with an optional prefix and a slash.
bool IsAnnotationKey(std::string_view key) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
           c == '/';
  };
  return !key.empty() && key.front() != '/' && key.back() != '/' &&
         std::count(key.begin(), key.end(), '/') <= 1 &&
         std::all_of(key.begin(), key.end(), allowed);
}

void CheckAnnotations(const HeatArgs& args, ArgsReader& reader) {
  constexpr std::string_view kWanted = "want an annotation's key such as nerdalize/temp";
  if (!IsAnnotationKey(args.annotation)) reader.Reject("annotation", kWanted);
  if (!IsAnnotationKey(args.time_annotation)) reader.Reject("timeAnnotation", kWanted);
  if (args.annotation == args.time_annotation) {
    reader.Reject("timeAnnotation", "must not be the key that annotation has");
  }
}

void CheckTemperature(std::string_view key, double celsius, ArgsReader& reader) {
  if (celsius >= kMinCelsius && celsius <= kMaxCelsius) return;
  reader.Reject(key, absl::StrCat("want ", FormatCelsius(kMinCelsius), " to ",
                                  FormatCelsius(kMaxCelsius), ", got ", FormatCelsius(celsius)));
}

}  // namespace

absl::StatusOr<HeatArgs> DecodeHeatArgs(const nlohmann::json& json) {
  HeatArgs args;
  ArgsReader reader(json, "HeatArgs");
  reader.Read("annotation", args.annotation);
  reader.Read("timeAnnotation", args.time_annotation);
  reader.Read<HeatMode>("mode", {{"Coolest", HeatMode::kCoolest}, {"Score", HeatMode::kScore}},
                        args.mode);
  reader.Read("coldCelsius", args.cold_celsius);
  reader.Read("hotCelsius", args.hot_celsius);
  reader.Read("hotLimitCelsius", args.hot_limit_celsius);
  reader.Read("staleAfter", args.stale_after);

  CheckAnnotations(args, reader);
  CheckTemperature("coldCelsius", args.cold_celsius, reader);
  CheckTemperature("hotCelsius", args.hot_celsius, reader);
  if (args.cold_celsius >= args.hot_celsius) {
    reader.Reject("coldCelsius",
                  absl::StrCat("must be below hotCelsius: ", FormatCelsius(args.cold_celsius),
                               " is not below ", FormatCelsius(args.hot_celsius)));
  }
  if (args.hot_limit_celsius) {
    CheckTemperature("hotLimitCelsius", *args.hot_limit_celsius, reader);
  }
  if (args.stale_after && *args.stale_after <= absl::ZeroDuration()) {
    reader.Reject("staleAfter", "must be longer than 0");
  }
  RETURN_IF_ERROR(reader.Finish());
  return args;
}

}  // namespace heat_scheduler
