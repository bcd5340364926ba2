#include "cli/stages.h"

#include <fmt/format.h>

#include "cli/plan_view.h"
#include "cli/text.h"
#include "executor/forwarded_output.h"

namespace lockstep::cli {
namespace {

class StagedOutput : public executor::ForwardedOutput {
 public:
  StagedOutput(executor::Output& output, Stages& stages) : ForwardedOutput(output), stages_(stages) {}

  void run_started(std::size_t steps, const std::string& run_id, bool resumed) override {
    steps_ = steps;
    stages_.begin("apply");
    ForwardedOutput::run_started(steps, run_id, resumed);
  }
  void step_done(const plan::Step& step, std::size_t position, std::chrono::milliseconds took) override {
    ForwardedOutput::step_done(step, position, took);
    if (position + 1 == steps_) stages_.begin("verify");
  }

 private:
  Stages& stages_;
  std::size_t steps_ = 0;
};

class StagedConversation : public fleet::Conversation {
 public:
  StagedConversation(std::unique_ptr<fleet::Conversation> conversation, Stages& stages, bool dry, AfterPlan after_plan)
      : conversation_(std::move(conversation)),
        output_(conversation_->output(), stages),
        stages_(stages),
        dry_(dry),
        after_plan_(std::move(after_plan)) {}

  void show_diagnostics(const support::Diagnostics& diagnostics) override { conversation_->show_diagnostics(diagnostics); }
  void show_plan(const plan::Plan& plan, const std::vector<plan::Hazard>& hazards) override {
    conversation_->show_plan(plan, hazards);
    if (after_plan_ && !plan.empty()) after_plan_(plan, hazards);
    if (dry_ && plan.empty()) throw DryRunEnd{nothing_to_do(plan)};
    stages_.begin("conditions");
  }
  bool accepts(const plan::Hazard& hazard) override { return !dry_ && conversation_->accepts(hazard); }
  void open_run_found(const executor::RunRecord& run) override { conversation_->open_run_found(run); }
  void approve_other(const std::string& situation, const std::string& commands) override {
    conversation_->approve_other(situation, commands);
  }
  void approve(const std::string& question) override {
    stages_.begin("approval");
    if (dry_) throw DryRunEnd{"it would ask now: " + question};
    conversation_->approve(question);
    stages_.begin("hooks and backup");
  }
  executor::Output& output() override { return output_; }

 private:
  std::unique_ptr<fleet::Conversation> conversation_;
  StagedOutput output_;
  Stages& stages_;
  bool dry_;
  AfterPlan after_plan_;
};

}  // namespace

void Stages::begin(const std::string& stage) {
  end();
  now_ = stage;
  since_ = std::chrono::steady_clock::now();
}

void Stages::end() {
  if (now_.empty()) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since_);
  console_.err(fmt::format("{}  {:<18}{}\n", paint(console_.colour_err, Style::green, "ok"), now_, duration_text(took)));
  now_.clear();
}

std::unique_ptr<fleet::Conversation> staged(std::unique_ptr<fleet::Conversation> conversation, Stages& stages, bool dry,
                                            AfterPlan after_plan) {
  return std::make_unique<StagedConversation>(std::move(conversation), stages, dry, std::move(after_plan));
}

}  // namespace lockstep::cli
