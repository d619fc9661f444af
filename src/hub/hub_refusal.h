// What the hub's refusals mean and what to do about them (huggingface_hub, utils/_http.py,
// hf_raise_for_status).
#pragma once

#include <string>

#include "checkpoint/hub_cache.h"
#include "hub/http_client.h"
#include "hub/hub_settings.h"

namespace clipclap::hub {

/// Whether an answer is of a kind that a later request may get a better one.
bool may_pass(const HttpResponse& response);

/// Throws the Error for an answer that is no success: kNotFound for a repository, revision or file
/// that is not there, else kIo. `context` names what was asked for.
[[noreturn]] void throw_refusal(const HttpResponse& response, const HubSettings& settings,
                                const checkpoint::HubId& id, const std::string& context);

/// Throws the Error (kIo) for a server that cannot be reached, or not any more.
[[noreturn]] void throw_unreachable(const TransportFailure& failure, const HubSettings& settings,
                                    const std::string& context);

}  // namespace clipclap::hub
