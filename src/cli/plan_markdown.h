// A plan for a pull request: GitHub's Markdown, which GitLab and others read too.
#pragma once

#include <string>
#include <vector>

#include "plan/hazard.h"
#include "plan/plan.h"

namespace lockstep::cli {

// Deterministic: a bot that posts it again only when it changed can compare the bytes.
std::string plan_markdown(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards);

// Text that Markdown shows as it is, also inside a table's cell. For tests.
std::string markdown_text(std::string_view text);
std::string markdown_code(std::string_view text);  // `text`, with as many backticks as it takes

}  // namespace lockstep::cli
