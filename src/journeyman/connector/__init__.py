"""One REST call: claims and a compiled profile in; claims, a refusal or an error with its record out."""
