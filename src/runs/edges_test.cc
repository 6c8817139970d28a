#include "runs/edges.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runs/delegation.h"
#include "runs/span_fixture.h"

namespace ao::runs {
namespace {

using model::AgentEdge;
using model::EdgeEvidence;
using model::Op;
using storage::SpanRow;
using testing::ElementsAre;
using testing::IsEmpty;

AgentEdge Edge(std::string from, std::string to, EdgeEvidence evidence, bool handoff = false,
               int64_t calls = 1, int64_t errors = 0) {
  return {std::move(from), std::move(to), evidence, handoff, calls, errors};
}

SpanRow Failed(SpanRow row) {
  row.status = model::StatusCode::kError;
  return row;
}

TEST(EdgesTest, AnAgentBelowAnotherIsCalledByIt) {
  EXPECT_THAT(Assembled({Agent(1, 0, 1, "a"), Span(2, 1, 2, 9, "step"), Agent(3, 2, 3, "b"),
                         Failed(Agent(4, 2, 4, "b")), Agent(5, 3, 5, "c"), Agent(6, 1, 6, "a")})
                  .edges,
              ElementsAre(Edge("a", "b", EdgeEvidence::kParent, false, 2, 1),
                          Edge("b", "c", EdgeEvidence::kParent)));
}

TEST(EdgesTest, AnAgentWhoseCallerIsMissingHasNoEdge) {
  EXPECT_THAT(Assembled({Agent(1, 0, 1, "a"), Agent(3, 99, 3, "b")}).edges, IsEmpty());
}

TEST(EdgesTest, AHandOffToolNamesTheAgentThatTakesOver) {
  EXPECT_THAT(Assembled({Span(1, 0, 1, 99, "workflow", Op::kWorkflow), Agent(2, 1, 2, "Triage"),
                         Tool(3, 2, 3, "transfer_to_refund_agent"), Agent(4, 1, 4, "Refund Agent"),
                         Tool(5, 2, 5, "handoff to Billing")})
                  .edges,
              ElementsAre(Edge("Triage", "Billing", EdgeEvidence::kTool, true),
                          Edge("Triage", "Refund Agent", EdgeEvidence::kTool, true)));
}

TEST(EdgesTest, ADelegationWithItsAgentBelowCountsOnce) {
  EXPECT_THAT(Assembled({Agent(1, 0, 1, "lead"), Tool(2, 1, 2, "delegate_to_researcher"),
                         Tool(3, 2, 3, "delegate_to_researcher"), Agent(4, 3, 4, "researcher")})
                  .edges,
              ElementsAre(Edge("lead", "researcher", EdgeEvidence::kParent)));
  EXPECT_THAT(
      Assembled({Agent(1, 0, 1, "a"), Tool(2, 1, 2, "transfer_to_b"), Agent(3, 2, 3, "b")}).edges,
      ElementsAre(Edge("a", "b", EdgeEvidence::kParent, true)));
}

TEST(EdgesTest, ADelegationSpanNamesItsAgent) {
  SpanRow span = Span(2, 1, 2, 9, "agent.delegate.underwriter", Op::kDelegate);
  span.canonical.agent_name = "underwriter";
  SpanRow traced = Span(3, 1, 3, 9, "lead \xE2\x86\x92 closer.handoff", Op::kDelegate);
  SpanRow attribute = Span(4, 1, 4, 9, "work");
  attribute.attributes = R"({"x":1,"agent.delegate.to":"auditor"})";
  EXPECT_THAT(Assembled({Agent(1, 0, 1, "lead"), Failed(span), traced, attribute}).edges,
              ElementsAre(Edge("lead", "auditor", EdgeEvidence::kAttribute),
                          Edge("lead", "closer", EdgeEvidence::kAttribute, true),
                          Edge("lead", "underwriter", EdgeEvidence::kAttribute, false, 1, 1)));
}

TEST(EdgesTest, ALinkToAnotherAgentsSpanIsAnEdge) {
  SpanRow linking = Agent(3, 1, 3, "b");
  linking.links = R"([{"trace_id":"00000000000000000000000000000001",)"
                  R"("span_id":"0000000000000002"}])";
  EXPECT_THAT(
      Assembled({Span(1, 0, 1, 9, "flow", Op::kWorkflow), Agent(2, 1, 2, "a"), linking}).edges,
      ElementsAre(Edge("a", "b", EdgeEvidence::kLink)));
}

TEST(EdgesTest, AConsumerLinkedToAProducerIsAMessage) {
  SpanRow producer = Span(3, 2, 3, 1, "send tasks");
  producer.kind = model::SpanKind::kProducer;
  SpanRow consumer = Span(4, 1, 5, 50, "agent.consume", Op::kStep);
  consumer.kind = model::SpanKind::kConsumer;
  consumer.links = R"([{"trace_id":"00000000000000000000000000000001",)"
                   R"("span_id":"0000000000000003"}])";
  EXPECT_THAT(Assembled({Span(1, 0, 1, 9, "flow", Op::kWorkflow), Agent(2, 1, 2, "a"), producer,
                         consumer, Agent(5, 4, 6, "b")})
                  .edges,
              ElementsAre(Edge("a", "b", EdgeEvidence::kMessage)));
}

TEST(EdgesTest, AConsumerBelowItsProducerIsAMessageOnce) {
  SpanRow producer = Span(2, 1, 3, 1, "send tasks");
  producer.kind = model::SpanKind::kProducer;
  SpanRow consumer = Span(3, 2, 5, 50, "agent.consume", Op::kStep);
  consumer.kind = model::SpanKind::kConsumer;
  consumer.links = R"([{"trace_id":"00000000000000000000000000000001",)"
                   R"("span_id":"0000000000000002"}])";
  EXPECT_THAT(Assembled({Agent(1, 0, 1, "a"), producer, consumer, Agent(4, 3, 6, "b")}).edges,
              ElementsAre(Edge("a", "b", EdgeEvidence::kMessage)));
}

TEST(EdgesTest, ADelegationWhoseMessageIsJoinedWithAnotherIsAMessageOnce) {
  SpanRow first = Span(3, 2, 2, 1, "agent.delegate.b"),
          second = Span(5, 4, 2, 1, "agent.delegate.b");
  first.kind = second.kind = model::SpanKind::kProducer;
  SpanRow consumer = Span(6, 3, 5, 50, "agent.consume", Op::kStep);
  consumer.kind = model::SpanKind::kConsumer;
  consumer.links = R"([{"trace_id":"00000000000000000000000000000001",)"
                   R"("span_id":"0000000000000005"}])";
  EXPECT_THAT(
      Assembled({Span(1, 0, 1, 9, "flow", Op::kWorkflow), Agent(2, 1, 1, "a"), first,
                 Agent(4, 1, 1, "c"), second, consumer, Agent(7, 6, 6, "b")})
          .edges,
      ElementsAre(Edge("a", "b", EdgeEvidence::kMessage), Edge("c", "b", EdgeEvidence::kMessage)));
}

TEST(EdgesTest, ACallerInAnotherTraceIsKnownByTheLinkOrItsTrace) {
  SpanRow consumer = Span(1, 0, 5, 50, "agent.consume", Op::kStep);
  consumer.kind = model::SpanKind::kConsumer;
  consumer.links =
      R"([{"trace_id":"000000000000000000000000000000aa","span_id":"0000000000000003"},)"
      R"({"trace_id":"000000000000000000000000000000bb","span_id":"0000000000000003",)"
      R"("attributes":{"gen_ai.agent.name":"a"}}])";
  EXPECT_THAT(
      Assembled({consumer, Agent(2, 1, 6, "b")}).edges,
      ElementsAre(Edge("a", "b", EdgeEvidence::kMessage),
                  Edge("trace:000000000000000000000000000000aa", "b", EdgeEvidence::kMessage)));
}

struct ToolCase {
  std::string_view tool, arguments, target;
  bool handoff;
};
void PrintTo(const ToolCase& c, std::ostream* out) { *out << c.tool; }
class DelegationTools : public testing::TestWithParam<ToolCase> {};
TEST_P(DelegationTools, AreRecognised) {
  SpanRow row = Tool(1, 0, 1, GetParam().tool);
  row.canonical.tool_arguments = GetParam().arguments;
  const Delegation delegation = DelegationOf(row);
  EXPECT_EQ(delegation.target, GetParam().target);
  if (!delegation.target.empty()) {
    EXPECT_EQ(delegation.handoff, GetParam().handoff);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Names, DelegationTools,
    testing::Values(ToolCase{"transfer_to_billing", "", "billing", true},
                    ToolCase{"transfer_to_agent", R"({"agent_name":"writer"})", "writer", true},
                    ToolCase{"Handoff to Refund Agent (v2)", "", "Refund Agent (v2)", true},
                    ToolCase{"hand_off_to_x", "", "x", true},
                    ToolCase{"Delegate work to coworker", R"({"task":"t","coworker":"Analyst"})",
                             "Analyst", false},
                    ToolCase{"Ask question to coworker", R"({"coworker":"Analyst"})", "Analyst",
                             false},
                    ToolCase{"Task", R"({"subagent_type":"explore","to":"y"})", "explore", false},
                    ToolCase{"task", R"({"to":"y"})", "", false},
                    ToolCase{"delegate_access", R"({"agent":"y"})", "", false},
                    ToolCase{"transfer_to_agent", "not json", "", true},
                    ToolCase{"transfer_money", R"({"to":"bob"})", "", false},
                    ToolCase{"task_list", R"({"agent_name":"y"})", "", false},
                    ToolCase{"search", R"({"agent_name":"y"})", "", false}));

}  // namespace
}  // namespace ao::runs
