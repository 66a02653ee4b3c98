using SalesforceSync.Cli;

return await CommandLine.RunAsync(args, Surroundings.Real);
