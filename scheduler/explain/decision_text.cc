#include "scheduler/explain/decision_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/quote.h"
#include "base/strings.h"

namespace heat_scheduler {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kFewNodes = 5;
constexpr std::size_t kFieldWidth = 14;

// Rows of cells as aligned columns, two blanks apart and in front.
std::string Columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, "  ", row[i], std::string(widths[i] - row[i].size(), ' '));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

std::string TextAt(const ordered_json& document, const char* key) {
  return Printable(document.at(key).get<std::string>());
}

std::string PodName(const ordered_json& pod) {
  return absl::StrCat(TextAt(pod, "namespace"), "/", TextAt(pod, "name"));
}

std::vector<std::string> TextsOf(const ordered_json& list) {
  std::vector<std::string> texts;
  for (const ordered_json& one : list) texts.push_back(Printable(one.get<std::string>()));
  return texts;
}

std::string NodesText(std::size_t count) {
  return absl::StrCat(count, count == 1 ? " node" : " nodes");
}

class Writer {
 public:
  Writer(const ordered_json& document, DecisionTextNodes nodes)
      : document_(document), all_(nodes == DecisionTextNodes::kAll) {}

  std::string Write() {
    WriteHead();
    WriteReasons();
    WritePreemption();
    WriteWaysOut();
    WriteChosen();
    WriteFitting();
    WriteGroups();
    return std::move(text_);
  }

 private:
  void Field(const std::string& name, const std::string& value) {
    const std::size_t width = std::max(kFieldWidth, name.size() + 2);
    absl::StrAppend(&text_, name, ":", std::string(width - name.size() - 1, ' '), value, "\n");
  }

  // Returns the list of that name; an empty one if it is absent.
  const ordered_json& List(const char* key) const {
    static const auto& nothing = *new ordered_json(ordered_json::array());
    const auto found = document_.find(key);
    return found == document_.end() ? nothing : *found;
  }

  void WriteHead() {
    const ordered_json& pod = document_.at("pod");
    Field("Pod", PodName(pod));
    Field("UID", TextAt(pod, "uid"));
    Field("Priority", absl::StrCat(pod.at("priority").get<std::int64_t>()));
    Field("Profile", TextAt(document_, "profile"));
    const ordered_json& decision = document_.at("decision");
    std::string when = absl::StrCat("number ", decision.at("number").get<std::uint64_t>());
    if (decision.contains("attempt")) {
      absl::StrAppend(&when, ", attempt ", decision.at("attempt").get<int>(), ", ",
                      TextAt(decision, "time"));
    }
    Field("Decision", when);
    Field("Result", document_.contains("node") ? absl::StrCat(TextAt(document_, "result"), " on ",
                                                              TextAt(document_, "node"))
                                               : TextAt(document_, "result"));
    if (document_.contains("now")) {
      const ordered_json& now = document_.at("now");
      std::string state = TextAt(now, "state");
      if (now.contains("node")) absl::StrAppend(&state, " on ", TextAt(now, "node"));
      if (now.contains("nominatedNode")) {
        absl::StrAppend(&state, ", nominated to ", TextAt(now, "nominatedNode"));
      }
      Field("Now", state);
    }
    if (document_.contains("differs")) Field("Differs", TextAt(document_, "differs"));
    const ordered_json& kept = List("decisionsKept");
    if (kept.size() < 2) return;
    std::vector<std::string> numbers;
    for (const ordered_json& one : kept) {
      numbers.push_back(absl::StrCat(one.at("number").get<std::uint64_t>()));
    }
    Field("Kept", "decisions " + absl::StrJoin(numbers, ", "));
  }

  void WriteReasons() {
    if (document_.contains("message")) Field("Message", TextAt(document_, "message"));
    if (document_.contains("preFilter")) {
      const ordered_json& refusal = document_.at("preFilter");
      Field("PreFilter", RefusalText(refusal) + "; no node was looked at");
    }
    if (!document_.contains("node")) return;
    if (document_.at("nominated").get<bool>()) {
      Field("Why", "the pod's nominated node fits; no other was looked at");
    } else {
      const auto feasible = document_.at("feasible").get<std::size_t>();
      Field("Why", absl::StrCat(feasible == 1 ? "the only one that fits of " : "the best of ",
                                feasible == 1 ? "" : absl::StrCat(feasible, " that fit, of "),
                                NodesText(document_.at("nodeCount").get<std::size_t>())));
    }
    for (const ordered_json& filter : List("setFilters")) {
      Field("Set filter", absl::StrCat(TextAt(filter, "plugin"), ": ", TextAt(filter, "note")));
    }
    if (!document_.contains("tieBreak")) return;
    const ordered_json& tie = document_.at("tieBreak");
    const std::vector<std::string> candidates = TextsOf(tie.at("candidates"));
    std::string how =
        absl::StrCat(candidates.size(), " nodes are equally good (", Some(candidates), "), ");
    if (tie.contains("drawnPosition")) {
      absl::StrAppend(&how, "the first from position ", tie.at("drawnPosition").get<std::size_t>(),
                      " of ", document_.at("nodeCount").get<std::size_t>(),
                      " in node order is taken");
    } else {
      how += "the smallest name is taken";
    }
    Field("Tie", how);
  }

  void WritePreemption() {
    if (!document_.contains("preemption")) return;
    const ordered_json& preemption = document_.at("preemption");
    Field("Preemption", absl::StrCat("on ", TextAt(preemption, "node"), ", of ",
                                     NodesText(preemption.at("candidates").get<std::size_t>()),
                                     " that would do; disruption budgets violated: ",
                                     preemption.at("pdbViolations").get<std::size_t>()));
    text_ += "Victims:\n";
    std::vector<std::vector<std::string>> rows;
    for (const ordered_json& victim : preemption.at("victims")) {
      rows.push_back(
          {PodName(victim), absl::StrCat("priority ", victim.at("priority").get<int>())});
    }
    text_ += Columns(rows);
  }

  void WriteWaysOut() {
    if (!document_.contains("waysOut")) return;
    const ordered_json& ways = document_.at("waysOut");
    text_ += "Ways out:\n";
    if (ways.empty()) {
      text_ += "  none: not one of the pod's own wishes, nor two of them, keep it off a node\n";
    }
    for (const ordered_json& way : ways) {
      const std::vector<std::string> nodes = TextsOf(way.at("nodes"));
      absl::StrAppend(&text_, "  ", TextAt(way, "text"), " (",
                      Some(nodes, way.at("opens").get<std::size_t>()), ")\n");
    }
    if (!document_.at("waysOutComplete").get<bool>()) {
      text_ += "  there was too much to try; this is not all\n";
    }
  }

  // The chosen node's points, plugin by plugin.
  void WriteChosen() {
    if (!document_.contains("node")) return;
    const auto& chosen = document_.at("node");
    for (const ordered_json& node : document_.at("nodes")) {
      if (node.at("node") != chosen || node.at("outcome") != "Scored") continue;
      std::vector<std::vector<std::string>> rows = {
          {"PLUGIN", "RAW", "NORMALIZED", "WEIGHT", "SCORE"}};
      for (const ordered_json& score : node.at("scores")) {
        rows.push_back(
            {TextAt(score, "plugin"), Number(score, "raw"), Number(score, "normalized"),
             Number(document_.at("weights"), score.at("plugin").get<std::string>().c_str()),
             Number(score, "weighted")});
      }
      rows.push_back({"total", "", "", "", Number(node, "total")});
      absl::StrAppend(&text_, "Scores of ", TextAt(node, "node"), ":\n", Columns(rows));
    }
  }

  // The nodes that were scored, best first, and how each differs from the chosen one.
  void WriteFitting() {
    std::vector<const ordered_json*> nodes;
    std::map<std::string, std::int64_t> best;
    for (const ordered_json& node : List("nodes")) {
      if (node.at("outcome") != "Scored") continue;
      nodes.push_back(&node);
      if (node.at("node") == document_.at("node")) best = ScoresOf(node);
    }
    if (nodes.empty()) return;
    std::stable_sort(nodes.begin(), nodes.end(), [](const auto* a, const auto* b) {
      return a->at("total").template get<std::int64_t>() >
             b->at("total").template get<std::int64_t>();
    });
    const std::size_t shown = all_ ? nodes.size() : std::min(nodes.size(), kFewNodes);
    absl::StrAppend(&text_, "Nodes that fit, best first",
                    shown < nodes.size() ? absl::StrCat(", ", shown, " of ", nodes.size()) : "",
                    ":\n");
    std::vector<std::vector<std::string>> rows = {{"NODE", "TOTAL", "AGAINST THE CHOSEN"}};
    for (std::size_t i = 0; i < shown; ++i) {
      const ordered_json& node = *nodes[i];
      std::string against = Against(ScoresOf(node), best);
      if (node.at("node") == document_.at("node")) against = "chosen";
      rows.push_back({TextAt(node, "node"), Number(node, "total"), std::move(against)});
    }
    text_ += Columns(rows);
  }

  // The nodes that were not scored, those together of which the same is said.
  void WriteGroups() {
    std::map<std::string, std::vector<std::string>> groups;
    for (const ordered_json& node : List("nodes")) {
      const auto outcome = node.at("outcome").get<std::string>();
      if (outcome == "Scored") continue;
      const bool chosen = document_.contains("node") && node.at("node") == document_.at("node");
      groups[chosen ? "chosen" : OutcomeText(outcome, node)].push_back(TextAt(node, "node"));
    }
    if (groups.empty()) return;
    std::vector<std::pair<std::string, std::vector<std::string>>> by_count(groups.begin(),
                                                                           groups.end());
    std::stable_sort(by_count.begin(), by_count.end(), [](const auto& a, const auto& b) {
      return a.second.size() > b.second.size();
    });
    text_ += "Nodes that were not scored:\n";
    for (const auto& [what, names] : by_count) {
      absl::StrAppend(&text_, "  ", NodesText(names.size()), ": ", what, " (", Some(names), ")\n");
    }
  }

  static std::string OutcomeText(const std::string& outcome, const ordered_json& node) {
    if (outcome == "Rejected") return RefusalText(node);
    if (outcome == "DroppedBySetFilter") {
      return "dropped by the set filter " + TextAt(node, "plugin");
    }
    if (outcome == "NarrowedAway") return absl::StrJoin(TextsOf(node.at("reasons")), ", ");
    if (outcome == "NotSearched") return "fits, but enough others were found first";
    return "fits";
  }

  static std::string RefusalText(const ordered_json& refusal) {
    return absl::StrCat(TextAt(refusal, "plugin"), ", ", TextAt(refusal, "code"), ": ",
                        absl::StrJoin(TextsOf(refusal.at("reasons")), ", "));
  }

  static std::string Number(const ordered_json& document, const char* key) {
    return absl::StrCat(document.at(key).get<std::int64_t>());
  }

  static std::map<std::string, std::int64_t> ScoresOf(const ordered_json& node) {
    std::map<std::string, std::int64_t> scores;
    for (const ordered_json& score : node.at("scores")) {
      scores[TextAt(score, "plugin")] = score.at("weighted").get<std::int64_t>();
    }
    return scores;
  }

  static std::string Against(const std::map<std::string, std::int64_t>& scores,
                             const std::map<std::string, std::int64_t>& best) {
    std::vector<std::string> parts;
    for (const auto& [plugin, score] : scores) {
      const auto other = best.find(plugin);
      const std::int64_t more = score - (other == best.end() ? 0 : other->second);
      if (more != 0) parts.push_back(absl::StrCat(plugin, more > 0 ? " +" : " ", more));
    }
    return parts.empty() ? "equal" : absl::StrJoin(parts, ", ");
  }

  // Returns the first few names of so many.
  std::string Some(const std::vector<std::string>& names) const {
    return Some(names, names.size());
  }
  std::string Some(const std::vector<std::string>& names, std::size_t count) const {
    const std::size_t shown = all_ ? names.size() : std::min(names.size(), kFewNodes);
    std::string text =
        absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", ");
    if (shown < count) absl::StrAppend(&text, " and ", count - shown, " more");
    return text;
  }

  const ordered_json& document_;
  const bool all_;
  std::string text_;
};

}  // namespace

absl::StatusOr<std::string> DecisionText(const ordered_json& document, DecisionTextNodes nodes) {
  try {
    return Writer(document, nodes).Write();
  } catch (const ordered_json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("no decision record: ", error.what()));
  }
}

}  // namespace heat_scheduler
