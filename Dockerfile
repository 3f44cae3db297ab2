# Both processes from one build: `docker build --target silo .` and `docker build --target gateway .`
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish silo -c Release -o /app/silo && dotnet publish gateway -c Release -o /app/gateway

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS silo
WORKDIR /app
COPY --from=build /app/silo .
ENTRYPOINT ["dotnet", "Orleans.Mqtt.Silo.dll"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS gateway
WORKDIR /app
COPY --from=build /app/gateway .
ENTRYPOINT ["dotnet", "Orleans.Mqtt.Gateway.dll"]
