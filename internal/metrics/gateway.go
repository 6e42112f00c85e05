package metrics

// GatewayRequests is the metric of the gateway, which serves it itself.
var GatewayRequests = Definition{
	"fairlead_gateway_requests_total", "Requests that a replica of the gateway answered, by its door (unsubscribe, preferences, or other for whatever leads nowhere) and the HTTP status. 404 is what any link gets that is forged, cut, moved or expired; 503 says that the store could not be asked.", "counter", "Gateway", []string{"door", "code"},
}
