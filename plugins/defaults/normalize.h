// The normalisation that most of kube-scheduler's own scores share.
//
// Pure function. Source: pkg/scheduler/framework/plugins/helper/normalize_score.go
// (DefaultNormalizeScore), v1.36.
#pragma once

#include <cstdint>

#include "absl/types/span.h"

namespace heat_scheduler {

// Which end of the raw scores is the good one.
enum class Better { kHigher, kLower };

// Scales scores that are not negative so that the greatest becomes kMaxNodeScore, rounding down;
// with kLower each is then taken off kMaxNodeScore. Where all are 0 they stay so, or with kLower
// all become kMaxNodeScore.
void NormalizeByGreatest(Better better, absl::Span<std::int64_t> scores);

}  // namespace heat_scheduler
