// Draws the OpenAPI document of this server with ReDoc; its logo service is not asked.
window.Redoc.init("/api/schema", { disableSearch: false, hideLogo: true }, document.getElementById("api"));
