/* SPDX-License-Identifier: Apache-2.0 */
/* subwords.cpp - SentencePiece behind a C interface; no exception leaves it. */
#include "text/subwords.h"

#define _Noreturn [[noreturn]] /* a word of C that the headers have */
extern "C" {
#include "base/fail.h"
#include "base/memory.h"
}

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstring>
#include <exception>
#include <string>
#include <unordered_map>

struct lks_subwords {
  sentencepiece::SentencePieceProcessor processor;
};

extern "C" lks_status lks_subwords_open(lks_subwords **subwords, const void *model,
                                        size_t bytes) {
  *subwords = nullptr;
  try {
    auto *made = new lks_subwords;
    auto status = made->processor.LoadFromSerializedProto(
        std::string(static_cast<const char *>(model), bytes));
    if (status.ok()) {
      *subwords = made;
      return LKS_OK;
    }
    delete made;
    return LKS_FAIL(LKS_DATA, "expected a SentencePiece model of %zu bytes, found %s", bytes,
                    status.error_message());
  } catch (const std::exception &error) {
    return LKS_FAIL(LKS_NO_MEMORY, "reading a subword model: %s", error.what());
  }
}

extern "C" void lks_subwords_close(lks_subwords *subwords) {
  delete subwords;
}

extern "C" lks_status
lks_subwords_cut(const lks_subwords *subwords, const char *line, size_t bytes,
                 lks_status (*visit)(void *context, const char *piece, size_t bytes),
                 void *context) {
  try {
    std::vector<std::string> pieces;
    auto status = subwords->processor.Encode(absl::string_view(line, bytes), &pieces);
    if (!status.ok())
      return LKS_FAIL(LKS_DATA, "cutting a line into subwords: %s", status.error_message());
    for (const std::string &piece : pieces) {
      lks_status visited = visit(context, piece.data(), piece.size());
      if (visited != LKS_OK)
        return visited;
    }
    return LKS_OK;
  } catch (const std::exception &error) {
    return LKS_FAIL(LKS_NO_MEMORY, "cutting a line into subwords: %s", error.what());
  }
}

namespace {

/* The lines of a training as the library reads them. */
class Lines : public sentencepiece::SentenceIterator {
public:
  explicit Lines(const lks_subwords_training *training) : training_(training) {
    Next();
  }

  bool done() const override {
    return done_;
  }
  const std::string &value() const override {
    return line_;
  }
  sentencepiece::util::Status status() const override {
    return {};
  }

  void Next() override {
    const char *line = nullptr;
    size_t bytes = 0;
    failed_ = training_->next(training_->context, &line, &bytes);
    done_ = failed_ != LKS_OK || line == nullptr;
    if (!done_)
      line_.assign(line, bytes);
  }

  lks_status failed() const {
    return failed_;
  }

private:
  const lks_subwords_training *training_;
  std::string line_;
  bool done_ = false;
  lks_status failed_ = LKS_OK;
};

std::unordered_map<std::string, std::string> arguments_of(const lks_subwords_training *t) {
  return {{"vocab_size", std::to_string(t->pieces)},
          {"hard_vocab_limit", "false"},
          {"model_type", "unigram"},
          {"normalization_rule_name", "identity"},
          {"bos_id", "1"},
          {"eos_id", "2"},
          {"input_sentence_size", std::to_string(t->lines)},
          {"shuffle_input_sentence", t->lines > 0 ? "true" : "false"},
          {"num_threads", "1"},
          {"minloglevel", "2"}};
}

/* A message without the place in the library's source and the condition before it. */
std::string reason_of(const sentencepiece::util::Status &status) {
  std::string message = status.error_message();
  size_t end = message.rfind("] ");
  return end == std::string::npos ? message : message.substr(end + 2);
}

} // namespace

extern "C" lks_status lks_subwords_train(const lks_subwords_training *training, uint8_t **model,
                                         size_t *bytes) {
  *model = nullptr;
  *bytes = 0;
  try {
    Lines lines(training);
    std::string made;
    sentencepiece::SetRandomGeneratorSeed(1); /* which lines are drawn */
    auto status =
        sentencepiece::SentencePieceTrainer::Train(arguments_of(training), &lines, &made);
    if (lines.failed() != LKS_OK)
      return lines.failed();
    if (!status.ok())
      return LKS_FAIL(LKS_DATA,
                      "learning %d subwords: %s\n  hint: ask for more pieces than the text "
                      "has characters, or give more text",
                      training->pieces, reason_of(status).c_str());
    void *copy = nullptr;
    lks_status allocated = lks_allocate(&copy, made.size(), 1);
    if (allocated != LKS_OK)
      return allocated;
    std::memcpy(copy, made.data(), made.size());
    *model = static_cast<uint8_t *>(copy);
    *bytes = made.size();
    return LKS_OK;
  } catch (const std::exception &error) {
    return LKS_FAIL(LKS_NO_MEMORY, "learning subwords: %s", error.what());
  }
}
