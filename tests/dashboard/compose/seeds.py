"""The vendors' own sample payloads, as people paste them."""

from __future__ import annotations

import json

SEED_DISPATCH = (
    '{ "provider":"ProviderName", "requests":[ { "action":"dispatch", "requestid":"13141f79-79bb-4e4f-a7bc-a96f3a08d1bb", '
    '"externalid":"40a4b50f", "route":"APIRouting", "linkeddata":[ { "type":"clid", "value":"Cases 40a4b50f" }, '
    '{ "type":"url", "label":"40a4b50f", "value":"https://vonage.com" }, { "type":"name", "value":"Case Friendly Name" }, '
    '{ "type":"mediatype", "value":"Case-External" } ], "routingdata":{ "interactiontype":"nonlive", "personalqueue":{ '
    '"agent":"AgentUsername", "loggedintimeout":20, "loggedouttimeout":30 }, "skills":[ { "name":"skillOptional", "expiryafter":0 }, '
    '{ "name":"skillExpiring", "expiryafter":60 }, { "name":"skillMandatory" } ] } } ] }'
)
"""The full dispatch of the vendor's page."""
SEED_ACOUSTIC = (
    "{  “externalSystemName”: “Campaign”,\n  “externalSystemReferenceId”: “Param_12345_test”,\n  “messageName”: “OfferToUpdateAPIpage”\n}"
)
"""The vendor's sample payload with its curly quotation marks."""
SEED_TEXT = json.dumps({"chat_type": "Messaging (SMS)", "end_user_number": "+1 415-555-0100", "outbound_number": "+1 628-555-0199"})
