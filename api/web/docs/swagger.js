// Draws the OpenAPI document of this server with Swagger UI.
window.SwaggerUIBundle({
  url: "/api/schema",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
});
