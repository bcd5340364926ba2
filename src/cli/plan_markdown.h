// A plan for a pull request, in GitHub's Markdown, which GitLab and others read too.
#pragma once

#include <string>
#include <vector>

#include "cli/checklist.h"
#include "plan/hazard.h"
#include "plan/plan.h"

namespace lockstep::cli {

// Deterministic, so that a bot can compare the bytes and post it again only if it changed.
std::string plan_markdown(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards, const Checklist& checklist = {});

// Text that Markdown displays unchanged, also inside a table cell. Public for tests.
std::string markdown_text(std::string_view text);
std::string markdown_code(std::string_view text);  // `text` in as many backticks as necessary

}  // namespace lockstep::cli
