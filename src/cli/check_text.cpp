// The findings first, then the files, whose diagnostics go to stderr.
#include <fmt/format.h>

#include "cli/check_document.h"
#include "cli/text.h"
#include "support/lines.h"

namespace lockstep::cli {

std::string_view verdict_word(fleet::Verdict verdict) {
  return verdict == fleet::Verdict::good ? "ok" : verdict == fleet::Verdict::bad ? "bad" : "warn";
}
namespace check_text {
namespace {

std::string finding_text(const fleet::Finding& finding, const Look& look) {
  const Style style = finding.verdict == fleet::Verdict::good  ? Style::green
                      : finding.verdict == fleet::Verdict::bad ? Style::red
                                                               : Style::yellow;
  return fmt::format("{}  {}\n", paint(look.colour, style, pad(verdict_word(finding.verdict), 4)),
                     support::continued(finding.text));
}

std::string findings_text(const CheckDocument& document, const Look& look) {
  std::string text;
  for (const fleet::Finding& finding : document.findings) text += finding_text(finding, look);
  return text;
}

std::string files_text(const CheckDocument& document, const Look& look) {
  const std::string text =
      fmt::format("{}: {}{}", plural(document.files.size(), "schema file"), plural(document.objects, "object"),
                  document.database ? ""
                                    : "; dates, times and numbers in them are read as in UTC, DateStyle ISO, MDY: no "
                                      "database was named whose settings decide");
  return finding_text({"files", fleet::Verdict::good, text}, look);
}

}  // namespace
}  // namespace check_text

constinit const Renderer<CheckDocument> kCheckText{
    .format = "text", .text = check_text::files_text, .early = check_text::findings_text};

}  // namespace lockstep::cli
