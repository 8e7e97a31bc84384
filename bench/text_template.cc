#include "bench/text_template.h"

#include <cctype>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/quote.h"
#include "base/status.h"
#include "base/strings.h"

namespace heat_scheduler {

// Reads one hole, without its braces.
class TextTemplate::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  absl::StatusOr<Expression> Hole() {
    ASSIGN_OR_RETURN(Expression expression, Call());
    if (!AtEnd()) return Refuse();
    return expression;
  }

 private:
  // A function and its arguments, or a single operand.
  absl::StatusOr<Expression> Call() {
    const std::string_view word = Peek();
    if (word.empty() || !std::isupper(static_cast<unsigned char>(word.front()))) return Operand();
    Expression call;
    call.function = Next();
    while (!AtEnd() && Peek() != ")") {
      ASSIGN_OR_RETURN(Expression argument, Operand());
      call.arguments.push_back(std::move(argument));
    }
    const bool of_two =
        call.function == "SubtractInt" || call.function == "DivideInt" || call.function == "Mod";
    const bool of_any = call.function == "AddInt" || call.function == "MultiplyInt";
    if (!of_any && !of_two) return Refuse();
    if (of_two && call.arguments.size() != 2) return Refuse();
    return call;
  }

  absl::StatusOr<Expression> Operand() {
    if (Peek() == "(") {
      Next();
      ASSIGN_OR_RETURN(Expression inner, Call());
      if (Peek() != ")") return Refuse();
      Next();
      return inner;
    }
    Expression operand;
    std::string_view word = Next();
    if (!word.empty() && word.front() == '.') {
      operand.variable = std::string(word.substr(1));
      if (operand.variable.empty()) return Refuse();
      return operand;
    }
    if (!absl::SimpleAtoi(ToAbsl(word), &operand.number)) return Refuse();
    return operand;
  }

  void SkipBlanks() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool AtEnd() {
    SkipBlanks();
    return rest_.empty();
  }
  std::string_view Peek() {
    SkipBlanks();
    if (rest_.empty()) return rest_;
    if (rest_.front() == '(' || rest_.front() == ')') return rest_.substr(0, 1);
    return rest_.substr(0, rest_.find_first_of(" ()"));
  }
  std::string_view Next() {
    const std::string_view word = Peek();
    rest_.remove_prefix(word.size());
    return word;
  }
  absl::Status Refuse() {
    return absl::InvalidArgumentError(
        absl::StrCat("want a variable, a number or a function of these at ", Quoted(rest_)));
  }

  std::string_view rest_;
};

absl::StatusOr<TextTemplate> TextTemplate::Parse(std::string_view text, std::string_view source) {
  TextTemplate made;
  made.source_ = std::string(source);
  while (true) {
    const std::size_t open = text.find("{{");
    made.texts_.emplace_back(text.substr(0, open));
    if (open == std::string_view::npos) return made;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat(made.source_, ": {{ without }}"));
    }
    const std::string_view hole = text.substr(open + 2, close - open - 2);
    absl::StatusOr<Expression> expression = Parser(hole).Hole();
    if (!expression.ok()) {
      return Annotate(expression.status(), absl::StrCat(made.source_, ": {{", ToAbsl(hole), "}}"));
    }
    made.holes_.push_back(*std::move(expression));
    text.remove_prefix(close + 2);
  }
}

absl::StatusOr<std::string> TextTemplate::Render(const TemplateVariables& variables) const {
  std::string text = texts_.front();
  for (std::size_t i = 0; i < holes_.size(); ++i) {
    ASSIGN_OR_RETURN(const std::int64_t value, Evaluate(holes_[i], variables));
    absl::StrAppend(&text, value, texts_[i + 1]);
  }
  return text;
}

absl::StatusOr<std::int64_t> TextTemplate::Evaluate(const Expression& expression,
                                                    const TemplateVariables& variables) const {
  if (!expression.variable.empty()) {
    const auto found = variables.find(expression.variable);
    if (found != variables.end()) return found->second;
    return absl::InvalidArgumentError(
        absl::StrCat(source_, ": there is no variable ", Quoted(expression.variable)));
  }
  if (expression.function.empty()) return expression.number;
  std::vector<std::int64_t> arguments;
  for (const Expression& argument : expression.arguments) {
    ASSIGN_OR_RETURN(const std::int64_t value, Evaluate(argument, variables));
    arguments.push_back(value);
  }
  if (expression.function == "AddInt") {
    std::int64_t sum = 0;
    for (const std::int64_t value : arguments) sum += value;
    return sum;
  }
  if (expression.function == "MultiplyInt") {
    std::int64_t product = 1;
    for (const std::int64_t value : arguments) product *= value;
    return product;
  }
  if (expression.function == "SubtractInt") return arguments[0] - arguments[1];
  if (arguments[1] == 0) {
    return absl::InvalidArgumentError(absl::StrCat(source_, ": division by zero"));
  }
  return expression.function == "Mod" ? arguments[0] % arguments[1] : arguments[0] / arguments[1];
}

}  // namespace heat_scheduler
