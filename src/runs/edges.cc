#include "runs/edges.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "runs/delegation.h"

namespace ao::runs {
namespace {

using model::AgentEdge;
using model::EdgeEvidence;
using model::Op;

constexpr int kMaxHops = 8;  // between a consumer and a producer that it is linked to and below

class EdgeFinder {
 public:
  EdgeFinder(const RunTree& tree, const Owners& owners, const Interner& interner)
      : tree_(tree), owners_(owners), interner_(interner) {}

  std::vector<AgentEdge> Find() {
    uint32_t agents = 0, delegations = 0;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      agents += tree_.span(i).op == Op::kAgent;
      delegations += Delegates(i);
    }
    if (agents > 1 || delegations > 0) AddAgentsBelow();
    if (!tree_.run().links.empty()) AddLinks();
    if (delegations > 0) AddDelegations();
    return Take();
  }

 private:
  bool Delegates(uint32_t i) const {
    const SpanExtra* extra = tree_.extra(i);
    return extra != nullptr && extra->delegate_to != 0;
  }
  const std::string& Text(uint32_t id) const { return interner_.Text(id); }

  void AddAgentsBelow() {
    const uint32_t n = tree_.size();
    seen_below_.assign(n, false);
    // Since the last agent on the way down.
    std::vector<bool> message(n, false);
    std::vector<uint32_t> delegation(n, kNone);
    for (const uint32_t i : tree_.top_down()) {
      const SpanState& span = tree_.span(i);
      const uint32_t parent = tree_.parent(i);
      const uint32_t caller = parent == kNone ? kNone : owners_.agent_span[parent];
      if (parent != kNone && tree_.span(parent).op != Op::kAgent) {
        message[i] = message[parent];
        delegation[i] = delegation[parent];
      } else if (parent != kNone) {
        delegation[i] = Delegates(parent) ? parent : kNone;
      }
      if (span.consumer) message[i] = true;
      const uint32_t around = delegation[i];
      if (span.op == Op::kAgent) {
        if (around != kNone && NamesAgent(Target(around), Text(AgentName(span)))) {
          seen_below_[around] = true;
        }
        if (caller == kNone) continue;
        const bool handoff = around != kNone && tree_.extra(around)->handoff;
        Add(Text(AgentName(tree_.span(caller))), Text(AgentName(span)),
            message[i] ? EdgeEvidence::kMessage : EdgeEvidence::kParent, handoff, span.error);
      } else if (Delegates(i)) {
        // The same delegation, seen by two instrumentations.
        if (around != kNone && NamesAgent(Target(around), Target(i))) seen_below_[around] = true;
        delegation[i] = i;
      }
    }
  }

  const std::string& Target(uint32_t i) const { return Text(tree_.extra(i)->delegate_to); }

  void AddDelegations() {
    std::vector<std::string> agents;  // names by which delegates may be known
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      const SpanState& span = tree_.span(i);
      if (span.op == Op::kAgent) agents.push_back(Text(AgentName(span)));
    }
    std::sort(agents.begin(), agents.end());
    agents.erase(std::unique(agents.begin(), agents.end()), agents.end());
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      if (!Delegates(i) || seen_below_[i]) continue;
      const SpanExtra& extra = *tree_.extra(i);
      const std::string& target = Target(i);
      const auto known = std::find_if(agents.begin(), agents.end(), [&](const std::string& name) {
        return NamesAgent(target, name);
      });
      Add(Text(owners_.agent[i]), known == agents.end() ? target : *known, extra.delegate_evidence,
          extra.handoff, tree_.span(i).error);
    }
  }

  void AddLinks() {
    FindAgentsBelow();
    for (const SpanLink& link : tree_.run().links) {
      const SpanState& linking = tree_.run().spans[link.span];
      const uint32_t i = tree_.Find(linking.id);
      if (i == kNone) continue;
      const std::string to = Text(AgentAt(i));
      if (link.trace != tree_.run().trace_id) {
        const std::string from = link.agent != 0 ? Text(link.agent) : "trace:" + link.trace.ToHex();
        Add(from, to, linking.consumer ? EdgeEvidence::kMessage : EdgeEvidence::kLink, false,
            linking.error);
        continue;
      }
      const uint32_t target = tree_.Find(link.target);
      if (target == kNone || IsAbove(target, i)) continue;
      const bool message = linking.consumer && tree_.span(target).producer;
      // The same delegation, whose message its agent took together with others.
      if (message && Delegates(target) && NamesAgent(Target(target), to)) {
        seen_below_[target] = true;
      }
      Add(Text(AgentAt(target)), to, message ? EdgeEvidence::kMessage : EdgeEvidence::kLink, false,
          linking.error);
    }
  }

  bool IsAbove(uint32_t ancestor, uint32_t i) const {
    for (int hop = 0; hop < kMaxHops && i != kNone; ++hop) {
      i = tree_.parent(i);
      if (i == ancestor) return true;
    }
    return false;
  }

  // For each span the earliest agent span below it.
  void FindAgentsBelow() {
    below_.assign(tree_.size(), kNone);
    const std::vector<uint32_t>& order = tree_.top_down();
    for (size_t k = order.size(); k-- > 0;) {
      const uint32_t i = order[k], parent = tree_.parent(i);
      if (parent == kNone) continue;
      const uint32_t first = tree_.span(i).op == Op::kAgent ? i : below_[i];
      below_[parent] = std::min(below_[parent], first);
    }
  }

  // The agent around the span, else the first below (a consumer that runs an agent), else what the
  // span says. Around a consumer below a producer is whoever sent the message.
  uint32_t AgentAt(uint32_t i) const {
    const uint32_t parent = tree_.parent(i);
    const bool came = tree_.span(i).consumer && parent != kNone && tree_.span(parent).producer;
    const bool within = owners_.agent_span[i] != kNone && !came;
    if (within || below_[i] == kNone) return owners_.agent[i];
    return AgentName(tree_.span(below_[i]));
  }

  void Add(const std::string& from, const std::string& to, EdgeEvidence evidence, bool handoff,
           bool error) {
    if (from.empty() || to.empty() || from == to) return;
    AgentEdge& edge = edges_[std::tuple(from, to, evidence)];
    edge.handoff = edge.handoff || handoff;
    ++edge.calls;
    edge.errors += error;
  }

  std::vector<AgentEdge> Take() {
    std::vector<AgentEdge> edges;
    edges.reserve(edges_.size());
    for (auto& [key, edge] : edges_) {
      std::tie(edge.from, edge.to, edge.evidence) = key;
      edges.push_back(std::move(edge));
    }
    if (edges.size() <= kMaxEdges) return edges;
    std::stable_sort(edges.begin(), edges.end(),
                     [](const AgentEdge& a, const AgentEdge& b) { return a.calls > b.calls; });
    AgentEdge rest{.from = "(other)", .to = "(other)"};
    for (size_t i = kMaxEdges - 1; i < edges.size(); ++i) {
      rest.calls += edges[i].calls;
      rest.errors += edges[i].errors;
    }
    edges.resize(kMaxEdges - 1);
    edges.push_back(std::move(rest));
    std::sort(edges.begin(), edges.end(), [](const AgentEdge& a, const AgentEdge& b) {
      return std::tie(a.from, a.to, a.evidence) < std::tie(b.from, b.to, b.evidence);
    });
    return edges;
  }

  const RunTree& tree_;
  const Owners& owners_;
  const Interner& interner_;
  std::vector<bool> seen_below_;  // delegations whose callee's agent span lies below
  std::vector<uint32_t> below_;
  std::map<std::tuple<std::string, std::string, EdgeEvidence>, AgentEdge> edges_;
};

}  // namespace

std::vector<AgentEdge> FindEdges(const RunTree& tree, const Owners& owners,
                                 const Interner& interner) {
  return EdgeFinder(tree, owners, interner).Find();
}

}  // namespace ao::runs
