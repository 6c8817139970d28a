#include "semconv/table.h"

// LangGraph: what its nodes leave on spans of several instrumentations.

namespace ao::semconv {
namespace {

constexpr Row kRows[] = {
    {"langgraph.node", Field::kEntityName, 50},
    {"metadata.langgraph_node", Field::kEntityName, 51},
    {"graph.node.id", Field::kEntityName, 55},
    {"graph.node.parent_id", Field::kIgnored, 0},
    {"langgraph_step", Field::kIgnored, 0},
    {"metadata.langgraph_step", Field::kIgnored, 0},
    {"metadata.langgraph_triggers", Field::kIgnored, 0},
    {"metadata.langgraph_path", Field::kIgnored, 0},
    {"metadata.langgraph_checkpoint_ns", Field::kIgnored, 0},
    {"metadata.thread_id", Field::kSession, 48},
    {"metadata.user_id", Field::kUser, 48},
};

constexpr PrefixRow kPrefixes[] = {
    {"langgraph.", ListKind::kIgnored, 0},
};

}  // namespace

const Dialect kLangGraph{model::Dialect::kLangGraph, kRows, kPrefixes};

}  // namespace ao::semconv
