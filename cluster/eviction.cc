// The eviction subresource of pods (Registry::Evict).
// Source: kubernetes v1.36 pkg/registry/core/pod/storage/eviction.go.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "cluster/registry.h"
#include "cluster/selectors.h"

namespace heat_scheduler::cluster {
namespace {

// The budgets of a namespace that cover the pod.
std::vector<DocumentRef> BudgetsOf(const Store& store, const Json& pod) {
  std::vector<DocumentRef> budgets;
  for (const auto& [key, budget] : store.All(PodDisruptionBudgetResource())) {
    if (budget->namespace_() != TextAt(pod, {"metadata", "namespace"})) continue;
    const Json* selector = Find(budget->json(), {"spec", "selector"});
    if (selector != nullptr && SelectorPicks(*selector, pod)) budgets.push_back(budget);
  }
  return budgets;
}

// Pods that no budget protects: they are not up.
bool IsDown(const Json& pod) {
  const std::string_view phase = TextAt(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" ||
         Find(pod, {"metadata", "deletionTimestamp"}) != nullptr;
}

ApiError WouldViolate(const Document& budget) {
  const Json& status = ObjectAt(budget.json(), {"status"});
  ApiError error =
      TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0);
  error.causes.push_back(
      {"DisruptionBudget",
       absl::StrCat("The disruption budget ", ToAbsl(budget.name()), " needs ",
                    IntegerAt(status, {"desiredHealthy"}).value_or(0), " healthy pods and has ",
                    IntegerAt(status, {"currentHealthy"}).value_or(0), " currently"),
       ""});
  return error;
}

// Takes one allowed disruption out of the budget.
Refusal Spend(Store& store, const DocumentRef& budget, std::string_view pod,
              const WriteContext& context) {
  const std::int64_t allowed =
      IntegerAt(budget->json(), {"status", "disruptionsAllowed"}).value_or(0);
  if (allowed <= 0) return WouldViolate(*budget);
  Json spent = budget->json();
  Json& status = EnsureObject(spent, "status");
  status["disruptionsAllowed"] = allowed - 1;
  EnsureObject(status, "disruptedPods")[std::string(pod)] = FormatRfc3339(store.Now().wall);
  auto updated = store.Update(PodDisruptionBudgetResource(), std::move(spent), context);
  if (!updated.ok()) return updated.error();
  return std::nullopt;
}

}  // namespace

Refusal Registry::Evict(std::string_view namespace_, std::string_view pod, const Json& eviction,
                        const WriteContext& context) {
  const DocumentRef current = store_.Get(PodResource(), namespace_, pod);
  if (current == nullptr) return NotFound(PodResource(), pod);
  if (!IsDown(current->json())) {
    const std::vector<DocumentRef> budgets = BudgetsOf(store_, current->json());
    if (budgets.size() > 1) {
      return InternalError(
          "This pod has more than one PodDisruptionBudget, which the eviction "
          "subresource does not support.");
    }
    if (budgets.size() == 1) {
      if (Refusal refusal = Spend(store_, budgets.front(), pod, context)) return refusal;
    }
  }
  const DeleteOptions options = ReadDeleteOptions(ObjectAt(eviction, {"deleteOptions"}));
  auto deleted = store_.Delete(PodResource(), namespace_, pod, options, context);
  if (!deleted.ok()) return deleted.error();
  return std::nullopt;
}

}  // namespace heat_scheduler::cluster
