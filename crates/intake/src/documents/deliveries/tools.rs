//! What each tool that lists deployments calls the parts of one: a row each, after what its vendor publishes.
//!
//! It must never decide what a value means. What breaks it: a row whose members an object of another kind has as well.

/// What a tool calls the parts of a deployment; of several names the first that has a value.
pub struct Tool {
    pub id: &'static str,
    /// Members that all have to be there, or to be what is said: `kind=Revision`.
    pub requires: &'static [&'static str],
    /// Names whose words have to say that it delivers; none where all that is listed does.
    pub says: &'static [&'static str],
    pub service: &'static [&'static str],
    pub version: &'static [&'static str],
    pub commit: &'static [&'static str],
    pub began: &'static [&'static str],
    pub ended: &'static [&'static str],
    pub status: &'static [&'static str],
    pub environment: &'static [&'static str],
    pub actor: &'static [&'static str],
    pub words: &'static [&'static str],
    pub kind: &'static str,
    /// Whether an object that delivers nothing is a line of its log.
    pub is_log: bool,
}

const BLANK: Tool = Tool {
    id: "",
    requires: &[],
    says: &[],
    service: &[],
    version: &[],
    commit: &[],
    began: &[],
    ended: &[],
    status: &[],
    environment: &[],
    actor: &[],
    words: &[],
    kind: "deploy",
    is_log: false,
};

pub const TOOLS: [Tool; 19] = [
    Tool {
        id: "appconfig",
        requires: &["DeploymentNumber", "ConfigurationName", "StartedAt"],
        service: &["ConfigurationName"],
        version: &["VersionLabel", "ConfigurationVersion"],
        began: &["StartedAt"],
        ended: &["CompletedAt"],
        status: &["State"],
        environment: &["EnvironmentName"],
        words: &["Description"],
        kind: "config",
        ..BLANK
    },
    Tool {
        id: "octopus",
        requires: &["ReleaseId", "EnvironmentId", "Created"],
        service: &["Project.Name", "ProjectName"],
        version: &["ReleaseVersion", "Release.Version"],
        began: &["StartTime", "Created"],
        ended: &["CompletedTime"],
        status: &["State", "Task.State"],
        environment: &["Environment.Name", "EnvironmentName"],
        actor: &["DeployedBy"],
        words: &["Comments", "Name"],
        ..BLANK
    },
    Tool {
        id: "buildkite",
        requires: &["pipeline", "number", "state", "branch", "commit"],
        says: &["pipeline.slug", "message"],
        service: &["pipeline.slug"],
        version: &["env.VERSION", "tag"],
        commit: &["commit"],
        began: &["started_at", "created_at"],
        ended: &["finished_at"],
        status: &["state"],
        actor: &["creator.name"],
        words: &["message"],
        ..BLANK
    },
    Tool {
        id: "azure_runs",
        requires: &["pipeline.name", "state", "createdDate", "name"],
        says: &["pipeline.name"],
        service: &["pipeline.name"],
        version: &["resources.repositories.self.refName", "name"],
        commit: &["resources.repositories.self.version"],
        began: &["createdDate"],
        ended: &["finishedDate"],
        status: &["result", "state"],
        environment: &["templateParameters.environment"],
        ..BLANK
    },
    Tool {
        id: "azure_builds",
        requires: &["definition.name", "buildNumber", "queueTime", "status"],
        says: &["definition.name"],
        service: &["definition.name"],
        version: &["sourceBranch", "buildNumber"],
        commit: &["sourceVersion"],
        began: &["startTime", "queueTime"],
        ended: &["finishTime"],
        status: &["result", "status"],
        environment: &["templateParameters.environment"],
        actor: &["requestedFor.displayName", "requestedBy.displayName"],
        words: &["triggerInfo.ci.message"],
        ..BLANK
    },
    Tool {
        id: "bitbucket_pipelines",
        requires: &["build_number", "created_on", "target.commit.hash", "state.name"],
        says: &["target.selector.pattern"],
        service: &["repository.name"],
        commit: &["target.commit.hash"],
        began: &["created_on"],
        ended: &["completed_on"],
        status: &["state.result.name", "state.name"],
        actor: &["creator.display_name"],
        words: &["target.selector.pattern"],
        ..BLANK
    },
    Tool {
        id: "bitbucket_deployments",
        requires: &["release.commit.hash", "state.started_on", "environment"],
        service: &["repository.name", "release.url"],
        commit: &["release.commit.hash"],
        began: &["state.started_on"],
        ended: &["state.completed_on"],
        status: &["state.status.name", "state.name"],
        environment: &["environment.name", "environment.slug"],
        actor: &["state.deployer.display_name"],
        words: &["release.commit.message", "release.name"],
        ..BLANK
    },
    Tool {
        id: "teamcity",
        requires: &["buildTypeId", "number", "status", "startDate"],
        says: &["buildType.name", "buildTypeId"],
        service: &["buildType.projectName"],
        version: &["number"],
        commit: &["revisions.revision.0.version"],
        began: &["startDate"],
        ended: &["finishDate"],
        status: &["status"],
        actor: &["triggered.user.name", "triggered.user.username"],
        words: &["buildType.name"],
        ..BLANK
    },
    Tool {
        id: "azure_deployments",
        requires: &["releaseDefinition.name", "releaseEnvironment.name", "deploymentStatus"],
        service: &["releaseDefinition.name"],
        version: &["release.artifacts.0.definitionReference.version.name", "release.name"],
        began: &["startedOn", "queuedOn"],
        ended: &["completedOn"],
        status: &["deploymentStatus"],
        environment: &["releaseEnvironment.name"],
        actor: &["requestedFor.displayName", "requestedBy.displayName"],
        words: &["release.name"],
        ..BLANK
    },
    Tool {
        id: "circleci",
        requires: &["happened_at", "workflow.status", "project.name", "pipeline.vcs"],
        says: &["workflow.name"],
        service: &["project.name"],
        version: &["pipeline.vcs.tag"],
        commit: &["pipeline.vcs.revision"],
        began: &["workflow.created_at"],
        ended: &["workflow.stopped_at"],
        status: &["workflow.status"],
        actor: &["pipeline.vcs.commit.author.name"],
        words: &["pipeline.vcs.commit.subject", "workflow.name"],
        ..BLANK
    },
    Tool {
        id: "knative",
        requires: &["kind=Revision", "metadata.labels.serving.knative.dev/service", "spec.containers"],
        service: &["metadata.labels.serving.knative.dev/service"],
        version: &["spec.containers.0.image"],
        began: &["metadata.creationTimestamp"],
        actor: &["metadata.annotations.serving.knative.dev/creator"],
        words: &["metadata.name"],
        ..BLANK
    },
    Tool {
        id: "codepipeline",
        requires: &["detail-type=CodePipeline Pipeline Execution State Change", "detail.state=STARTED"],
        service: &["detail.pipeline"],
        began: &["detail.start-time", "time"],
        ..BLANK
    },
    Tool {
        id: "codepipeline",
        requires: &["pipelineExecutionId", "sourceRevisions", "startTime"],
        service: &["pipelineName"],
        commit: &["sourceRevisions.0.revisionId"],
        began: &["startTime"],
        ended: &["lastUpdateTime"],
        status: &["status"],
        words: &["sourceRevisions.0.revisionSummary"],
        ..BLANK
    },
    Tool {
        id: "beanstalk",
        requires: &["EventDate", "EnvironmentName", "VersionLabel", "Message"],
        says: &["Message"],
        service: &["ApplicationName"],
        version: &["VersionLabel"],
        began: &["EventDate"],
        status: &["Severity"],
        environment: &["EnvironmentName"],
        words: &["Message"],
        is_log: true,
        ..BLANK
    },
    Tool {
        id: "lambda",
        requires: &["FunctionName", "FunctionArn", "LastModified", "CodeSha256"],
        service: &["FunctionName"],
        version: &["Version"],
        began: &["LastModified"],
        words: &["Description"],
        ..BLANK
    },
    Tool {
        id: "terraform_runs",
        requires: &["attributes.status", "attributes.status-timestamps", "attributes.plan-only"],
        began: &["attributes.status-timestamps.applying-at"],
        ended: &["attributes.status-timestamps.applied-at", "attributes.status-timestamps.errored-at"],
        status: &["attributes.status"],
        words: &["attributes.message"],
        kind: "infrastructure",
        ..BLANK
    },
    Tool {
        id: "terraform_runs",
        requires: &["run_id", "workspace_name", "notifications.0.run_status"],
        service: &["workspace_name"],
        began: &["notifications.0.run_updated_at"],
        ended: &["notifications.0.run_updated_at"],
        status: &["notifications.0.run_status"],
        actor: &["run_created_by"],
        words: &["run_message"],
        kind: "infrastructure",
        ..BLANK
    },
    Tool {
        id: "pulumi",
        requires: &["kind", "startTime", "result", "resourceChanges"],
        service: &["environment.vcs.repo"],
        commit: &["environment.git.head"],
        began: &["startTime"],
        ended: &["endTime"],
        status: &["result"],
        actor: &["environment.git.author", "environment.git.committer"],
        words: &["message"],
        kind: "infrastructure",
        ..BLANK
    },
    Tool {
        id: "puppet",
        requires: &["certname", "resource_title", "new_value", "report_receive_time"],
        began: &["timestamp"],
        status: &["status"],
        environment: &["environment"],
        words: &["message"],
        kind: "config",
        ..BLANK
    },
];
