#include "plugins/defaults/default_binder.h"

#include <utility>

#include "scheduler/framework/effects.h"

namespace heat_scheduler {

Status DefaultBinder::Bind(const Cycle& cycle, NodeId node, EffectSink& effects) {
  const PodFacts& facts = cycle.facts();
  // Made where it is wanted: texts are moved once less.
  effects.Emit(Effect(std::in_place_type<BindEffect>,
                      PodRef{facts.namespace_, facts.name, facts.uid},
                      cycle.cluster.columns().name[node]));
  return {};
}

}  // namespace heat_scheduler
