// Arithmetic whose result has to be the same to the last bit everywhere, which no libm promises.
//
// Pure functions. Source: the logarithm of Go's package math for amd64 (log_amd64.s), which is
// FreeBSD's e_log.c; kube-scheduler's scores are computed with it.
#pragma once

namespace heat_scheduler {

// Returns the natural logarithm, less than 1 ulp off, with Go's bits on amd64: -inf for both zeros,
// NaN for what is negative, infinity and NaN themselves. Of subnormal numbers, whose exponent it
// takes for that of the smallest normal one, it returns nonsense, as there.
double NaturalLog(double x);

}  // namespace heat_scheduler
