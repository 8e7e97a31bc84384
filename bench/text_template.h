// Text with holes, as in workloads' templates: the part of Go's text/template that they use.
//
// `{{.Index}}`, `{{Mod .Index 3}}`, `{{AddInt 20 (Mod (MultiplyInt .Index 37) 50)}}`: variables and
// numbers are whole; the functions are those of scheduler_perf (AddInt and MultiplyInt of any
// number of arguments; SubtractInt, DivideInt, Mod of two). Immutable. Source: test/integration/
// scheduler_perf/operations.go (getTemplateFuncs), v1.36.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace heat_scheduler {

using TemplateVariables = std::map<std::string, std::int64_t, std::less<>>;

class TextTemplate {
 public:
  // Returns InvalidArgument, naming `source`, for a hole that does not close or is no expression.
  static absl::StatusOr<TextTemplate> Parse(std::string_view text, std::string_view source);

  // Returns the text with its holes filled, or InvalidArgument for an unknown variable or a
  // division by zero.
  absl::StatusOr<std::string> Render(const TemplateVariables& variables) const;

  // Returns true if every rendering is the same.
  bool constant() const { return holes_.empty(); }

 private:
  struct Expression {
    std::string function;  // Or empty: a variable or a number.
    std::vector<Expression> arguments;
    std::string variable;  // Or empty: a number.
    std::int64_t number = 0;
  };
  class Parser;

  absl::StatusOr<std::int64_t> Evaluate(const Expression& expression,
                                        const TemplateVariables& variables) const;

  std::string source_;
  std::vector<std::string> texts_;  // One more than holes, around them.
  std::vector<Expression> holes_;
};

}  // namespace heat_scheduler
